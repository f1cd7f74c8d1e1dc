/**
 * Reads inputs of targets in a process of its own, which can hang and be ended. It writes the number of each case into
 * a file before it starts the case.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { UserError } from '../../../src/base/userError.ts';
import { CHUNK, inputsOf, shownInput } from './inputsOf.ts';
import { WrongResult, type FuzzTarget } from './target.ts';
import { fuzzTargets } from './targets.ts';

/** A message of the parent process: cases of a target. */
export interface FuzzJob {
  readonly target: string;
  readonly seed: number;
  readonly first: number;
  /** The case after the last one. */
  readonly end: number;
  /** The file into which the position is written. */
  readonly file: string;
}

/** A message to the parent process. After 'done', the process waits for the next job. */
export type FuzzMessage = FuzzFailure | 'done';

export interface FuzzFailure {
  readonly kind: 'wrong' | 'crashed' | 'hung';
  readonly number: number;
  readonly what: string;
}

/** Failures with the same place that are reported for a job. */
const MOST_EQUAL = 3;
/** Processor time for one input. */
const LIMIT_MILLISECONDS = 1000;

process.on('message', (job: FuzzJob) => {
  void work(job).then(() => {
    send('done');
  });
});
process.on('disconnect', () => {
  process.exit();
});

function send(message: FuzzMessage): void {
  process.send?.(message);
}

async function work({ target: name, seed, first, end, file }: FuzzJob): Promise<void> {
  const target = fuzzTargets.find((one) => one.name === name);
  if (!target) throw new Error(`There is no target "${name}".`);
  let [chunk, inputs] = [-1, [] as unknown[]];
  const position = Buffer.alloc(4);
  const reported = new Map<string, number>();
  const handle = openSync(file, 'w');
  for (let number = first; number < end; number++) {
    position.writeUInt32LE(number);
    writeSync(handle, position, 0, 4, 0);
    const at = Math.floor(number / CHUNK);
    if (at !== chunk) [chunk, inputs] = [at, inputsOf(target, seed, at)];
    const failure = await attempt(target, inputs[number % CHUNK]);
    if (!failure) continue;
    const times = (reported.get(failure.place) ?? 0) + 1;
    reported.set(failure.place, times);
    if (times <= MOST_EQUAL) send({ kind: failure.kind, what: failure.what, number });
  }
  closeSync(handle);
}

interface FailedAttempt extends Omit<FuzzFailure, 'number'> {
  /** Equal for failures with the same cause. */
  readonly place: string;
}

async function attempt(target: FuzzTarget, input: unknown): Promise<FailedAttempt | null> {
  const start = process.cpuUsage();
  try {
    await target.read(input);
  } catch (error) {
    const isAllowed = error instanceof UserError || target.allows?.(error) === true;
    if (!isAllowed) {
      const kind = error instanceof WrongResult ? 'wrong' : 'crashed';
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return { kind, what: `${shownInput(input)}: ${text.slice(0, 400)}`, place: /\n\s+at .*/.exec(text)?.[0] ?? '' };
    }
  }
  const { user, system } = process.cpuUsage(start);
  const milliseconds = (user + system) / 1000;
  if (milliseconds < LIMIT_MILLISECONDS) return null;
  const what = `${shownInput(input)} takes ${milliseconds.toFixed(0)} ms of processor time`;
  return { kind: 'hung', what, place: 'hung' };
}
