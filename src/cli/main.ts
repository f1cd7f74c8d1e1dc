/** The command line: the features of the extension without an editor. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../base/userError.ts';
import { createProgram } from './commands/program.ts';
import { report } from './output.ts';
import { linesOf, text, type Text } from './text.ts';

/** Exit codes. The exit code is 0 also if some images could not be read; the command reports them. */
const NOTHING_DONE = 1;
const WRONG_USAGE = 2;
const INTERRUPTED = 130;
/** A command that has not ended this long after it was interrupted is ended. What the index committed is kept. */
const END_MILLISECONDS = 10_000;

/** The files that ship with the bundle, relative to dist/. */
const shipped = {
  hostScript: path.join(import.meta.dirname, 'inference.js'),
  probeScript: path.join(import.meta.dirname, 'probe.js'),
  version: (JSON.parse(readFileSync(path.join(import.meta.dirname, '../package.json'), 'utf8')) as { version: string })
    .version,
  bundled: { name: 'assetlens-icons', folder: path.join(import.meta.dirname, 'models/assetlens-icons') },
  labelsFile: path.join(import.meta.dirname, '../models/labels/default.yaml'),
};

/** @returns the exit code */
async function main(): Promise<number> {
  const controller = new AbortController();
  const { signal } = controller;
  // The first Ctrl-C commits the index and ends the command. The second Ctrl-C ends the process immediately.
  const abort = (): void => {
    controller.abort();
    setTimeout(() => process.exit(INTERRUPTED), END_MILLISECONDS).unref();
  };
  // The reader of the output, for example `head`, may close the pipe before the command ends.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : NOTHING_DONE));
  process.once('SIGINT', abort);
  process.once('SIGTERM', abort);
  try {
    await createProgram({ ...shipped, signal }).parseAsync();
    return 0;
  } catch (error) {
    if (signal.aborted) {
      report(text`Interrupted.\n`);
      return INTERRUPTED;
    }
    return exitCodeOf(error);
  }
}

/** Reports an error and returns the exit code. */
function exitCodeOf(error: unknown): number {
  if (error instanceof Error && 'exitCode' in error && 'code' in error) {
    return error.exitCode === 0 ? 0 : WRONG_USAGE; // commander has reported it
  }
  report(error instanceof UserError ? text`assetlens: ${linesOf(error.message)}\n` : bugReport(error));
  return NOTHING_DONE;
}

function bugReport(error: unknown): Text {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return text`assetlens: this is a bug. Report it with the lines below.\n${linesOf(stack)}\n`;
}

process.exitCode = await main();
