import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import mocha from 'mocha';
import type { Report, TestOutcome } from '../report.ts';
import { notes } from './notes.ts';

/** A limit for hangs only, because the machine may be busy. */
const TIMEOUT_MILLISECONDS = 120_000;

/** mocha is an ES module. Required from CommonJS on Node 22, its class is the default export of the result. */
const Mocha = (mocha as typeof mocha & { readonly default?: typeof mocha }).default ?? mocha;

/** The entry point that VS Code calls in the extension host. It runs the bundled tests beside this file. */
export async function run(): Promise<void> {
  const reportFile = required('ASSETLENS_TEST_REPORT');
  const { grep, files, except } = JSON.parse(required('ASSETLENS_TEST_SELECTION')) as {
    grep?: string;
    files?: string[];
    except?: string[];
  };
  const runner = new Mocha({
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
    runner.addFile(path.join(import.meta.dirname, file));
  }
  await new Promise<void>((resolve, reject) => {
    const running = runner.run((failures) => {
      write({ finished: true });
      if (failures > 0) reject(new Error(`${failures} tests failed.`));
      else resolve();
    });
    running.on('test', (test) => {
      write({ running: test.fullTitle() });
    });
    running.on('pass', (test) => tests.push(outcome(test, 'passed')));
    running.on('pending', (test) => tests.push(outcome(test, 'pending')));
    // This event includes failures of hooks.
    running.on('fail', (test, error: unknown) => {
      const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
      tests.push({ ...outcome(test, 'failed'), stack });
    });
  });
}

function outcome(test: mocha.Runnable, state: TestOutcome['state']): TestOutcome {
  const { duration } = test;
  return { title: test.fullTitle(), state, ...(duration === undefined ? {} : { milliseconds: duration }) };
}

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set; start the suite with npm run vscode.`);
  return value;
}
