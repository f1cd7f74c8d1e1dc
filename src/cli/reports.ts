import type { RecoveredIndex, UpdateSummary } from '../library/index.ts';
import { printable } from './output.ts';

/** Texts for standard error about the index of a folder. Each ends in a line break. */

const MOST_FAILURES = 20;

export function recoveryReport({ keptAs, manualTags, complete }: RecoveredIndex): string {
  const tags = `${manualTags} tags given by hand were taken over${complete ? '' : ', and there may have been more that cannot be read'}`;
  return `The index was damaged and is begun anew. The damaged one is kept as ${keptAs}; ${tags}.\n`;
}

export function readOnlyReport(indexFile: string, reason: string): string {
  return (
    `The index ${indexFile} cannot be written (${reason}). It is used as it is: images that are new or have changed are ` +
    'missing or out of date. --index names another index file.\n'
  );
}

export function updateReport(summary: UpdateSummary, seconds: number): string {
  const leftOut = [...summary.failures, ...summary.unreadable];
  const parts = [
    `${summary.found} images`,
    ...(summary.embedded ? [`${summary.embedded} embedded`] : []),
    ...(summary.reused ? [`${summary.reused} known by content`] : []),
    ...(summary.unchanged ? [`${summary.unchanged} unchanged`] : []),
    ...(summary.removed ? [`${summary.removed} gone`] : []),
    ...(leftOut.length ? [`${leftOut.length} left out`] : []),
  ];
  const lines = [
    `${parts.join(', ')}; ${seconds.toFixed(1)} s`,
    ...leftOut.slice(0, MOST_FAILURES).map(({ path, reason }) => `  ${printable(path)}: ${printable(reason)}`),
  ];
  const more = leftOut.length - MOST_FAILURES;
  if (more > 0) lines.push(`  and ${more} more; "assetlens tag --json" names them all`);
  return `${lines.join('\n')}\n`;
}
