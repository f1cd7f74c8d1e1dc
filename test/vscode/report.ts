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

/**
 * Whether everything ran and passed, and what to tell. The exit code alone is not enough: VS Code ends with 0 when the
 * extension host aborts, too.
 */
export function judge(report: Report | null, exitCode: number): { readonly passed: boolean; readonly lines: string[] } {
  if (!report) {
    const line = 'No report: the suite did not load, or the extension host died before the first test.';
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

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The report as far as it was written; null when there is none. */
export async function readReport(file: string): Promise<Report | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Report;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
