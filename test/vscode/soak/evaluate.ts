import type { SoakReport, SoakSample } from './plan.ts';

const MOST_GROWTH = 0.1;
const MOST_BLOCK = 50;

/** The table of a soak in Markdown, and what is wrong. The short form is too short for memory and blocks. */
export function evaluateSoak(
  report: SoakReport,
  isShort: boolean,
): { readonly table: string; readonly problems: string[] } {
  const { samples, indexing, missing, outdated } = report;
  const quarter = Math.max(1, Math.floor(samples.length / 4));
  const [first, last] = [samples.slice(0, quarter), samples.slice(-quarter)];
  const problems: string[] = [];
  const row = (what: string, before: string, after: string, target: string): string =>
    `| ${what} | ${before} | ${after} | ${target} |`;
  const memory = (what: string, of: (sample: SoakSample) => number): string => {
    const [before, after] = [median(first.map(of)), median(last.map(of))];
    const growth = after / before - 1;
    if (!isShort && growth > MOST_GROWTH)
      problems.push(`Missed: memory of ${what} grows by ${(growth * 100).toFixed(0)} %.`);
    return row(
      `memory of ${what}, MB`,
      before.toFixed(0),
      `${after.toFixed(0)} (${(growth * 100).toFixed(0)} %)`,
      '+ 10 % at most',
    );
  };
  const work = Math.max(indexing.work, ...samples.map((sample) => sample.work));
  if (!isShort && work > MOST_BLOCK) problems.push(`Missed: the event loop is blocked for ${work.toFixed(0)} ms.`);
  if (missing.length > 0) problems.push(`Missed: ${missing.length} images are missing, such as ${missing[0] ?? ''}.`);
  if (outdated.length > 0)
    problems.push(`Missed: ${outdated.length} images no longer exist, such as ${outdated[0] ?? ''}.`);
  const longest = (of: (sample: SoakSample) => number): string => Math.max(0, ...samples.map(of)).toFixed(0);
  const table = [
    `| ${report.images} images, ${report.changes} changes in ${((samples.at(-1)?.seconds ?? 0) / 60).toFixed(1)} min | first quarter | last quarter | target |`,
    '|---|--:|--:|--:|',
    memory('the extension host', ({ host }) => host),
    memory('the inference process', ({ inference }) => inference),
    '',
    `| longest block of the event loop, ms | first index, ${indexing.seconds.toFixed(0)} s | changes | target |`,
    '|---|--:|--:|--:|',
    row(
      'work of the thread',
      indexing.work.toFixed(0),
      longest((sample) => sample.work),
      `≤ ${MOST_BLOCK}`,
    ),
    row(
      'elapsed, with other processes on the cores',
      indexing.block.toFixed(0),
      longest((sample) => sample.block),
      '',
    ),
    row('images that are missing, or no longer exist', '', `${missing.length}, ${outdated.length}`, '0, 0'),
  ].join('\n');
  return { table, problems };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}
