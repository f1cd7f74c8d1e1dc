import { setTimeout as sleep } from 'node:timers/promises';
import { format } from 'node:util';
import type { VscodeHost } from '../../tools/vscodeHost/install.ts';
import { startServer } from './host/codeServer.ts';
import { openWorkbench, startBrowser } from './host/workbench.ts';

export interface SuiteRun {
  /** Folder of the extension under test. */
  readonly extension: string;
  /** The bundled suite's entry. */
  readonly suite: string;
  /** Folder to open. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

const RUN_MILLISECONDS = 10 * 60_000;
/** The exit code that timeout(1) gives. */
const TIMED_OUT = 124;

/** Runs the suite in the extension host of code-server. Answers VS Code's exit code and what it logged. */
export async function runHeadless(
  host: VscodeHost,
  chromium: string,
  { extension, suite, folder, env }: SuiteRun,
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
    const late = sleep(RUN_MILLISECONDS, TIMED_OUT, { signal: controller.signal }).catch(() => TIMED_OUT);
    const exitCode = await Promise.race([exited, late]);
    controller.abort();
    if (exitCode === TIMED_OUT) log.push(`The suite did not end in ${RUN_MILLISECONDS / 60_000} minutes.`);
    return { exitCode, log };
  } finally {
    await browser.close();
  }
}
