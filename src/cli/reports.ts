import type { RecoveredIndex, UpdateSummary } from '../library/index.ts';
import { joined, text, type Text } from './text.ts';

/** Messages about the index of a folder, for standard error. Each ends with a line break. */

const MOST_FAILURES = 20;

export function recoveryReport({ keptAs, manualTags, complete }: RecoveredIndex): Text {
  const tags = `${manualTags} manual tags were recovered${complete ? '' : '; others may be unreadable'}`;
  return text`The index was damaged and is being rebuilt. The damaged file is kept as ${keptAs}; ${tags}.\n`;
}

export function readOnlyReport(indexFile: string, reason: string): Text {
  return text`The index ${indexFile} cannot be written (${reason}). It is used without an update: new and changed images are missing or out of date. Make the file writable, or pass another index file to --index.\n`;
}

export function updateReport(summary: UpdateSummary, seconds: number): Text {
  const skipped = [...summary.failures, ...summary.unreadable];
  const parts = [
    `${summary.found} images`,
    ...(summary.embedded ? [`${summary.embedded} embedded`] : []),
    ...(summary.reused ? [`${summary.reused} known by hash`] : []),
    ...(summary.unchanged ? [`${summary.unchanged} unchanged`] : []),
    ...(summary.removed ? [`${summary.removed} removed`] : []),
    ...(skipped.length ? [`${skipped.length} skipped`] : []),
  ];
  const lines = [
    text`${parts.join(', ')}; ${seconds.toFixed(1)} s\n`,
    ...skipped.slice(0, MOST_FAILURES).map(({ path, reason }) => text`  ${path}: ${reason}\n`),
  ];
  const more = skipped.length - MOST_FAILURES;
  if (more > 0) lines.push(text`  and ${more} more; "assetlens tag --json" lists all\n`);
  return joined(lines);
}
