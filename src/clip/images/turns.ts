import { UserError } from '../../base/userError.ts';

/** sharp runs on libuv's threads, four unless the environment says otherwise; one is left to read files. */
const TURNS = Math.max(1, Number(process.env['UV_THREADPOOL_SIZE'] ?? 4) - 1);
/** sharp's own clock stops what it can at the limit; this one gives up on what it cannot, so much later. */
const PATIENCE = 1.5;
let free = TURNS;
/** Turns of work that is past its time and goes on. */
let overdue = 0;
const waiting: {
  readonly begin: () => void;
  readonly giveUp: (error: Error) => void;
  readonly urgent: boolean;
}[] = [];

/** Work that was not begun, because no thread may ever be free for it in this process. */
export class NoThreadLeft extends Error {
  override readonly name = 'NoThreadLeft';
}

/** Whether every turn is held by work that is past its time: only another process can go on. */
export function isStuck(): boolean {
  return overdue === TURNS;
}

/**
 * Runs native work when a thread is free for it, and gives up on it past the limit of time or when the signal aborts. The clock starts
 * with the work and not in the queue. Work that cannot be stopped (librsvg, libheif) keeps its thread until it ends, unheard.
 * @param urgent somebody waits for this one picture: it goes before all that is not urgent
 * @throws TooSlow when the time is over; the signal's reason when it aborts; NoThreadLeft when all threads are stuck.
 */
export async function inTurn<T>(
  work: () => Promise<T>,
  milliseconds: number,
  signal?: AbortSignal,
  urgent = false,
): Promise<T> {
  if (isStuck()) throw new NoThreadLeft();
  if (free > 0) free--;
  else {
    await new Promise<void>((begin, giveUp) => {
      const firstOrdinary = waiting.findIndex((other) => !other.urgent);
      const at = urgent && firstOrdinary >= 0 ? firstOrdinary : waiting.length;
      waiting.splice(at, 0, { begin, giveUp, urgent });
    });
  }
  if (signal?.aborted) {
    passOn();
    throw signal.reason;
  }
  return unlessOver(work, milliseconds, signal);
}

function passOn(): void {
  const next = waiting.shift();
  if (next) next.begin();
  else free++;
}

function unlessOver<T>(work: () => Promise<T>, milliseconds: number, signal: AbortSignal | undefined): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  let state: 'running' | 'overdue' | 'ended' = 'running';
  const over = (): void => {
    if (state === 'ended') return;
    state = 'overdue';
    overdue++;
    reject(new TooSlow(milliseconds));
    if (isStuck()) for (const { giveUp } of waiting.splice(0)) giveUp(new NoThreadLeft());
  };
  // A model's run may have blocked this thread past the time: what has been decoded meanwhile is heard first.
  const clock = setTimeout(() => setImmediate(over), milliseconds * PATIENCE);
  const aborted = (): void => {
    reject(signal?.reason as Error);
  };
  signal?.addEventListener('abort', aborted, { once: true });
  const ended = (): void => {
    clearTimeout(clock);
    signal?.removeEventListener('abort', aborted);
    if (state === 'overdue') overdue--;
    state = 'ended';
    passOn();
  };
  Promise.resolve().then(work).finally(ended).then(resolve, reject);
  return promise;
}

/** Decoding took longer than its limit; on a machine that is less busy it may not. */
export class TooSlow extends UserError {
  constructor(milliseconds: number) {
    super(`decoding took longer than ${milliseconds / 1000} s`);
  }
}
