import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const cli = path.resolve(import.meta.dirname, '../../dist/cli.js');

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Sends the signal when standard error matches, or when the promise is fulfilled. */
  readonly interruptAfter?: RegExp | Promise<unknown>;
  /** Default: SIGINT. */
  readonly interruptBy?: 'SIGINT' | 'SIGTERM' | 'SIGKILL';
  /** Variables in addition to those of this process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Id of the user and group under which it runs. Default: those of this process. */
  readonly user?: number;
}

/** Runs the built command line in Node. */
export async function run(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const { interruptAfter, interruptBy = 'SIGINT', environment, user } = options;
  const child = spawn(process.execPath, [cli, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
    ...(user !== undefined && { uid: user, gid: user }),
  });
  const output = { stdout: '', stderr: '' };
  let interrupted = false;
  const interrupt = (): void => {
    interrupted ||= child.kill(interruptBy);
  };
  if (interruptAfter instanceof Promise) void interruptAfter.then(interrupt);
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
    if (interruptAfter instanceof RegExp && interruptAfter.test(output.stderr)) interrupt();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...output };
}

export const jsonLines = (text: string): Record<string, unknown>[] =>
  text
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
