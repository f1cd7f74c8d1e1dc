import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const cli = path.resolve(import.meta.dirname, '../../dist/cli.js');

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line as it ships, in plain Node. */
export async function run(args: readonly string[], interruptAfter?: RegExp): Promise<Run> {
  const child = spawn(process.execPath, [cli, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  let interrupted = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
    if (!interrupted && interruptAfter?.test(output.stderr)) interrupted = child.kill('SIGINT');
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...output };
}
