import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const cli = path.resolve(import.meta.dirname, '../../dist/cli.js');

/** Whether `script` of util-linux, which opens a pseudo terminal, is installed. */
export function hasTerminal(): boolean {
  return process.platform === 'linux' && String(spawnSync('script', ['--version']).stdout).includes('util-linux');
}

export interface TerminalRun {
  readonly code: number | null;
  /** What arrives at the terminal: standard output and standard error. A line ends with "\r\n". */
  readonly shown: string;
}

/** Runs the built command line in a pseudo terminal. */
export async function runInTerminal(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<TerminalRun> {
  const command = [process.execPath, cli, ...args].map((arg) => `'${arg.replaceAll("'", String.raw`'\''`)}'`).join(' ');
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TERM: 'xterm-256color', ...environment },
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, shown: Buffer.concat(chunks).toString('utf8') };
}
