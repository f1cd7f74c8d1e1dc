import { FAILURE_KINDS, type Tally, type Trial } from './trial.ts';

export interface TrialReport {
  readonly trial: Trial;
  readonly tally: Tally;
  /** The number of cases to try. */
  readonly planned: number;
  readonly seconds: number;
}

const HEADINGS = ['trial', 'tried', ...FAILURE_KINDS, 'peak memory, MB', 'seconds'];

/** The table of a run in Markdown. */
export function markdownTable(reports: readonly TrialReport[]): string {
  const rows = reports.map(({ trial, tally, seconds }) => [
    trial.name,
    `${tally.tried.toLocaleString('en')} ${trial.unit}`,
    ...FAILURE_KINDS.map((kind) => String(tally.count(kind))),
    memoryOf(tally),
    seconds.toFixed(0),
  ]);
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(HEADINGS), `|---|---|${'--:|'.repeat(HEADINGS.length - 2)}`, ...rows.map(line)].join('\n');
}

function memoryOf({ peak: { command, inference } }: Tally): string {
  return command + inference > 0 ? `${command.toFixed(0)} + ${inference.toFixed(0)}` : '–';
}
