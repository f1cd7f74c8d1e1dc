import { readFile } from 'node:fs/promises';

/** The report of the suite in the extension host, which writes it as JSON to the file in ASSETLENS_TEST_REPORT. */
export interface Report {
  /** False until mocha has finished, and after an abort of the extension host. */
  readonly finished: boolean;
  readonly failures: number;
  readonly tests: readonly TestOutcome[];
  /** The current test, or the one during which the extension host ended. */
  readonly running?: string;
  /** Lines that tests print after the outcomes. */
  readonly notes: readonly string[];
}

export interface TestOutcome {
  readonly title: string;
  readonly state: 'passed' | 'failed' | 'pending';
  readonly milliseconds?: number;
  readonly stack?: string;
}

/**
 * Decides whether all tests ran and passed, and describes the outcomes. The exit code is not sufficient, because VS
 * Code also exits with 0 when the extension host aborts.
 */
export function evaluateReport(
  report: Report | null,
  exitCode: number,
): { readonly passed: boolean; readonly lines: string[] } {
  if (!report) {
    const line = 'No report: the suite did not load, or the extension host ended before the first test.';
    return { passed: false, lines: [line] };
  }
  const { finished, failures, tests, notes, running = 'the start' } = report;
  const lines = tests.flatMap(describeOutcome);
  lines.push(...notes.map((note) => `  ${note}`));
  if (!finished) lines.push(`The extension host ended during "${running}".`);
  if (finished && tests.length === 0) lines.push('No test matched.');
  const passed = exitCode === 0 && finished && failures === 0 && tests.length > 0;
  const counts = `${tests.length} tests, ${failures} failures, exit code ${exitCode}`;
  lines.push(`In-editor suite ${passed ? 'passed' : 'FAILED'}: ${counts}`);
  return { passed, lines };
}

function describeOutcome({ title, state, milliseconds, stack }: TestOutcome): string[] {
  const mark = { passed: 'ok  ', failed: 'FAIL', pending: 'skip' }[state];
  const time = milliseconds === undefined ? '' : ` (${milliseconds} ms)`;
  return [`  ${mark} ${title}${time}`, ...(stack === undefined ? [] : [stack.replace(/^/gm, '         ')])];
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The report so far; null where there is none. */
export async function readReport(file: string): Promise<Report | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Report;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
