import { HumanError } from '../humanError.ts';

/** sharp runs on libuv's threads, four unless the environment says otherwise; one is left to read files. */
const TURNS = Math.max(1, Number(process.env['UV_THREADPOOL_SIZE'] ?? 4) - 1);
/** sharp's own clock stops what it can at the limit; this one gives up on what it cannot, so much later. */
const PATIENCE = 1.5;
let free = TURNS;
const waiting: (() => void)[] = [];

/**
 * Runs native work when a thread is free for it, and gives up on it past the limit of time or when the signal aborts. The clock starts
 * with the work and not in the queue. Work that cannot be stopped (librsvg, libheif) keeps its thread until it ends, unheard.
 * @throws HumanError when the time is over; the signal's reason when it aborts.
 */
export async function inTurn<T>(work: () => Promise<T>, milliseconds: number, signal?: AbortSignal): Promise<T> {
  if (free > 0) free--;
  else await new Promise<void>((next) => waiting.push(next));
  if (signal?.aborted) {
    passOn();
    throw signal.reason;
  }
  const running = Promise.resolve().then(work).finally(passOn);
  return unlessOver(running, milliseconds, signal);
}

function passOn(): void {
  const next = waiting.shift();
  if (next) next();
  else free++;
}

function unlessOver<T>(running: Promise<T>, milliseconds: number, signal: AbortSignal | undefined): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  running.then(resolve, reject);
  const over = (): void => {
    reject(new TooSlow(milliseconds));
  };
  // A model's run may have blocked this thread past the time: what has been decoded meanwhile is heard first.
  const clock = setTimeout(() => setImmediate(over), milliseconds * PATIENCE);
  const aborted = (): void => {
    reject(signal?.reason as Error);
  };
  signal?.addEventListener('abort', aborted, { once: true });
  return promise.finally(() => {
    clearTimeout(clock);
    signal?.removeEventListener('abort', aborted);
  });
}

/** Decoding took longer than its limit; on a machine that is less busy it may not. */
export class TooSlow extends HumanError {
  constructor(milliseconds: number) {
    super(`decoding took longer than ${milliseconds / 1000} s`);
  }
}
