import { setTimeout as sleep } from 'node:timers/promises';
import { format } from 'node:util';
import type { HeadlessEditor } from '../../tools/vscodeHost/provideEditor.ts';
import { startServer } from './host/codeServer.ts';
import { openWorkbench, startBrowser } from './host/workbench.ts';

export interface SuiteRun {
  /** The folder of the extension under test. */
  readonly extension: string;
  /** The entry point of the bundled suite. */
  readonly suite: string;
  /** The folder or workspace file to open. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** The suite is ended after this time. Default: ten minutes. */
  readonly limitMilliseconds?: number;
}

const RUN_MILLISECONDS = 10 * 60_000;
/** The exit code of timeout(1). */
const TIMED_OUT = 124;

/** Runs the suite in the extension host of code-server. @returns the exit code and the log of VS Code */
export async function runHeadless(
  { host, chromium }: HeadlessEditor,
  { extension, suite, folder, env, limitMilliseconds = RUN_MILLISECONDS }: SuiteRun,
): Promise<{ exitCode: number; log: readonly string[] }> {
  const log: string[] = [];
  await using server = await startServer({ host, env });
  const browser = await startBrowser(chromium);
  try {
    const { promise: exited, resolve } = Promise.withResolvers<number>();
    await openWorkbench(browser, server, {
      folder,
      development: extension,
      tests: suite,
      expose: {
        codeAutomationExit: (code: number) => {
          resolve(code);
        },
        codeAutomationLog: (type: string, values: unknown[]) => log.push(`[${type}] ${format(...values)}`),
      },
    });
    const controller = new AbortController();
    const late = sleep(limitMilliseconds, TIMED_OUT, { signal: controller.signal }).catch(() => TIMED_OUT);
    const exitCode = await Promise.race([exited, late]);
    controller.abort();
    if (exitCode === TIMED_OUT) log.push(`The suite did not finish in ${limitMilliseconds / 60_000} minutes.`);
    return { exitCode, log };
  } finally {
    await browser.close();
  }
}
