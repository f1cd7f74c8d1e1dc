import { readFile } from 'node:fs/promises';

/** What the suite inside the extension host says of itself, as JSON in the file that ASSETLENS_TEST_REPORT names. */
export interface Report {
  /** False until mocha has ended: an extension host that aborts leaves it so. */
  readonly finished: boolean;
  readonly failures: number;
  readonly tests: readonly TestOutcome[];
  /** The test that runs, or ran when the extension host died. */
  readonly running?: string;
  /** What tests want to be read beside their outcome. */
  readonly notes: readonly string[];
}

export interface TestOutcome {
  readonly title: string;
  readonly state: 'passed' | 'failed' | 'pending';
  readonly milliseconds?: number;
  readonly stack?: string;
}

/** Prints the report and answers whether everything ran and passed. VS Code says 0 for a host that aborted, too. */
export async function judge(reportFile: string, exitCode: number | undefined): Promise<boolean> {
  const report = await readReport(reportFile);
  if (!report) {
    say('No report: the suite did not load, or the extension host died before the first test.');
    return false;
  }
  for (const test of report.tests) {
    const mark = { passed: 'ok  ', failed: 'FAIL', pending: 'skip' }[test.state];
    const time = test.milliseconds === undefined ? '' : ` (${test.milliseconds} ms)`;
    say(`  ${mark} ${test.title}${time}`);
    if (test.stack !== undefined) say(test.stack.replace(/^/gm, '         '));
  }
  for (const note of report.notes) say(`  ${note}`);
  if (!report.finished) say(`The extension host ended during "${report.running ?? 'the start'}".`);
  if (report.finished && report.tests.length === 0) say('No test matched.');
  const passed = exitCode === 0 && report.finished && report.failures === 0 && report.tests.length > 0;
  const verdict = passed ? 'passed' : 'FAILED';
  say(
    `In-editor suite ${verdict}: ${report.tests.length} tests, ${report.failures} failures, exit code ${String(exitCode)}`,
  );
  return passed;
}

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function readReport(file: string): Promise<Report | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Report;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
