import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { childrenOf, peakMegabytes } from './processes.ts';

const root = path.resolve(import.meta.dirname, '../..');
/** The command line that users run. */
const cli = path.join(root, 'dist/cli.js');

/** The highest resident memory (VmHWM) of both processes, in MB; 0 where the system does not report it. */
export interface CommandPeak {
  readonly command: number;
  readonly inference: number;
}

export interface CommandResult {
  /** Null if a signal ended the command. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether the command was ended because it exceeded its limit. */
  readonly isHung: boolean;
  readonly peak: CommandPeak;
}

export interface CommandOptions {
  readonly environment: Readonly<Record<string, string>>;
  readonly limitMilliseconds: number;
  /** The largest file that the command may write, in blocks of 1024 bytes. */
  readonly fileSizeLimit?: number;
  /** Runs beside the command; the command is not awaited before it has ended. */
  readonly beside?: (command: RunningCommand) => Promise<void>;
}

export interface RunningCommand {
  /** Process id of the command, which leads a process group of its own. */
  readonly pid: number;
  readonly hasEnded: () => boolean;
  /** Ends the command and all of its child processes at once. */
  readonly killTree: () => void;
  readonly hasInference: () => boolean;
  /** Ends the inference process. @returns false if there is none */
  readonly killInference: () => boolean;
}

/** The process groups that run now, which outlive this process if nothing ends them. */
const running = new Set<number>();

/** Ends all commands, before this process ends early. */
export function endAllCommands(): void {
  for (const pid of running) signalGroup(pid);
}

const SAMPLE_MILLISECONDS = 40;
const MOST_OUTPUT = 32 * 2 ** 20;

/** Runs the built command line in a process group of its own and measures its memory. */
export async function runCommand(args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const { environment, limitMilliseconds, beside } = options;
  const child = start(args, options.fileSizeLimit, environment);
  const { pid } = child;
  if (pid === undefined) throw new Error('The command cannot start.');
  running.add(pid);
  let isHung = false;
  let hasEnded = false;
  const killTree = (): void => {
    if (!hasEnded) signalGroup(pid);
  };
  const output = collect(child);
  const closed = once(child, 'close').finally(() => {
    hasEnded = true;
    running.delete(pid);
  }) as Promise<[number | null]>;
  const memory = watchMemory(pid, () => hasEnded);
  const limit = setTimeout(() => {
    isHung = true;
    killTree();
  }, limitMilliseconds);
  const killInference = (): boolean => {
    const [inference] = childrenOf(pid);
    return !hasEnded && inference !== undefined && process.kill(inference, 'SIGKILL');
  };
  const hasInference = (): boolean => !hasEnded && childrenOf(pid).length > 0;
  const control: RunningCommand = { pid, hasEnded: () => hasEnded, killTree, hasInference, killInference };
  const [[code]] = await Promise.all([closed, beside?.(control)]);
  clearTimeout(limit);
  return { code, isHung, ...output, peak: await memory };
}

/** Tells whether a command ended with a bug report or by a signal that the trial did not send. */
export function hasCrashed({ code, isHung, stderr }: CommandResult): boolean {
  return !isHung && (code === null || stderr.includes('this is a bug') || /\n\s+at .*\.js:\d+/.test(stderr));
}

/** The end of the standard error stream, for messages. */
export function lastLines({ stderr }: CommandResult, most = 300): string {
  return JSON.stringify(stderr.trim().slice(-most));
}

function start(
  args: readonly string[],
  fileSizeLimit: number | undefined,
  environment: Readonly<Record<string, string>>,
): ChildProcess {
  const command = [process.execPath, cli, ...args];
  // The shell sets the limit and then becomes the command.
  const limited = ['bash', '-c', `ulimit -f ${fileSizeLimit ?? 0}; trap '' XFSZ; exec "$@"`, 'torture', ...command];
  const [program = '', ...rest] = fileSizeLimit === undefined ? command : limited;
  return spawn(program, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { ...process.env, ...environment },
  });
}

function collect(child: ChildProcess): { stdout: string; stderr: string } {
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      if (output[name].length < MOST_OUTPUT) output[name] += text;
    });
  }
  return output;
}

function signalGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

async function watchMemory(pid: number, hasEnded: () => boolean): Promise<CommandPeak> {
  let [command, inference] = [0, 0];
  while (!hasEnded()) {
    command = Math.max(command, peakMegabytes(pid));
    for (const child of childrenOf(pid)) inference = Math.max(inference, peakMegabytes(child));
    await sleep(SAMPLE_MILLISECONDS);
  }
  return { command, inference };
}
