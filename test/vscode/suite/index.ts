import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Mocha from 'mocha';
import type { Report, TestOutcome } from '../report.ts';
import { notes } from './notes.ts';

/** Timeouts are for hangs alone: the machine may be busy. */
const TIMEOUT_MILLISECONDS = 120_000;

/** What VS Code calls inside the extension host: runs the bundled tests beside this file. */
export async function run(): Promise<void> {
  const reportFile = required('ASSETLENS_TEST_REPORT');
  const { grep, files, except } = JSON.parse(required('ASSETLENS_TEST_SELECTION')) as {
    grep?: string;
    files?: string[];
    except?: string[];
  };
  const mocha = new Mocha({
    timeout: TIMEOUT_MILLISECONDS,
    ...(grep === undefined ? {} : { grep: new RegExp(grep, 'i') }),
  });
  const tests: TestOutcome[] = [];
  const write = (report: Partial<Report>): void => {
    const failures = tests.filter(({ state }) => state === 'failed').length;
    writeFileSync(reportFile, JSON.stringify({ finished: false, failures, tests, notes, ...report }));
  };
  write({});
  for (const file of readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith('.test.cjs'))
    .sort()) {
    if ((files && !files.includes(file)) || except?.includes(file)) continue;
    mocha.addFile(path.join(import.meta.dirname, file));
  }
  await new Promise<void>((resolve, reject) => {
    const runner = mocha.run((failures) => {
      write({ finished: true });
      if (failures > 0) reject(new Error(`${failures} tests failed.`));
      else resolve();
    });
    runner.on('test', (test) => {
      write({ running: test.fullTitle() });
    });
    runner.on('pass', (test) => tests.push(outcome(test, 'passed')));
    runner.on('pending', (test) => tests.push(outcome(test, 'pending')));
    // Hooks fail here, too.
    runner.on('fail', (test, error: unknown) => {
      const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
      tests.push({ ...outcome(test, 'failed'), stack });
    });
  });
}

function outcome(test: Mocha.Runnable, state: TestOutcome['state']): TestOutcome {
  const { duration } = test;
  return { title: test.fullTitle(), state, ...(duration === undefined ? {} : { milliseconds: duration }) };
}

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set; start the suite with npm run vscode.`);
  return value;
}
