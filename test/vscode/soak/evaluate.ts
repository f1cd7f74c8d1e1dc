import { MOST_BLOCK, type SoakReport, type SoakSample } from './plan.ts';

const MOST_GROWTH = 0.1;
/**
 * The parts of the run that the growth of memory is measured between. Caches fill before the first. The least memory in
 * a part is what stays allocated, because work in progress needs more.
 */
const FIRST_PART = [0.1, 0.3] as const;
const LAST_PART = [0.8, 1] as const;

/** The table of a soak in Markdown, and what is wrong. The short form is too short for memory and blocks. */
export function evaluateSoak(
  report: SoakReport,
  isShort: boolean,
): { readonly table: string; readonly problems: string[] } {
  const { samples, indexing, missing, outdated } = report;
  const problems: string[] = [];
  const row = (what: string, before: string, after: string, target: string): string =>
    `| ${what} | ${before} | ${after} | ${target} |`;
  const memory = (what: string, of: (sample: SoakSample) => number | null): string => {
    const [before, after] = [least(samples, FIRST_PART, of), least(samples, LAST_PART, of)];
    if (before === null || after === null) return row(`memory of ${what}, MB`, 'too few samples', '', '');
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
    `| ${report.images} images, ${report.changes} changes in ${((samples.at(-1)?.seconds ?? 0) / 60).toFixed(1)} min | after 10 to 30 % | last 20 % | target |`,
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

/** The least value in a part of the samples; null if it has none. */
function least(
  samples: readonly SoakSample[],
  [from, to]: readonly [number, number],
  of: (sample: SoakSample) => number | null,
): number | null {
  const part = samples.slice(Math.floor(from * samples.length), Math.ceil(to * samples.length));
  const values = part.map(of).filter((value) => value !== null);
  return values.length === 0 ? null : Math.min(...values);
}
