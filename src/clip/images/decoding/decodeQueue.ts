import { UserError } from '../../../base/userError.ts';

/**
 * sharp uses the threads of libuv: four, unless the environment sets another number. One thread stays free to read
 * files.
 */
const DECODE_THREADS = Math.max(1, Number(process.env['UV_THREADPOOL_SIZE'] ?? 4) - 1);
/**
 * sharp stops most work at the time limit itself. This timer abandons the rest, and starts later than that of sharp.
 */
const TIMEOUT_FACTOR = 1.5;

export interface QueueOptions {
  /** Maximum time from the start of the work; the time in the queue does not count. */
  readonly milliseconds: number;
  readonly signal?: AbortSignal | undefined;
  /** Whether a user waits for this image. Urgent work starts before all other waiting work. */
  readonly urgent?: boolean | undefined;
}

interface WaitingWork {
  readonly start: () => void;
  readonly reject: (error: Error) => void;
  readonly urgent: boolean;
}

/**
 * The queue of all decoding in a process. It runs one task per decoding thread. A
 * decoder that cannot be stopped (librsvg, libheif) keeps its thread past its timeout until it ends; its result is
 * dropped.
 */
export class DecodeQueue {
  readonly #threads: number;
  readonly #waiting: WaitingWork[] = [];
  #free: number;
  /** Number of threads whose work still runs after its timeout. */
  #overdue = 0;

  constructor(threads: number = DECODE_THREADS) {
    this.#threads = threads;
    this.#free = threads;
  }

  /** Whether overdue work holds every thread. Only another process can decode then. */
  get isStuck(): boolean {
    return this.#overdue === this.#threads;
  }

  /**
   * Runs native work as soon as a thread is free.
   * @throws DecodeTimeout past the time limit; NoThreadLeft when overdue work holds every thread; the signal's reason
   * when it aborts
   */
  async run<T>(work: () => Promise<T>, { milliseconds, signal, urgent = false }: QueueOptions): Promise<T> {
    if (this.isStuck) throw new NoThreadLeft();
    if (this.#free > 0) this.#free--;
    else await this.#wait(urgent);
    if (signal?.aborted) {
      this.#startNext();
      throw signal.reason;
    }
    return this.#runWithTimeout(work, milliseconds, signal);
  }

  #wait(urgent: boolean): Promise<void> {
    return new Promise((start, reject) => {
      const firstOrdinary = this.#waiting.findIndex((other) => !other.urgent);
      const index = urgent && firstOrdinary >= 0 ? firstOrdinary : this.#waiting.length;
      this.#waiting.splice(index, 0, { start, reject, urgent });
    });
  }

  #startNext(): void {
    const next = this.#waiting.shift();
    if (next) next.start();
    else this.#free++;
  }

  #runWithTimeout<T>(work: () => Promise<T>, milliseconds: number, signal: AbortSignal | undefined): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    let state: 'running' | 'overdue' | 'ended' = 'running';
    const onTimeout = (): void => {
      if (state === 'ended') return;
      state = 'overdue';
      this.#overdue++;
      reject(new DecodeTimeout(milliseconds));
      if (this.isStuck) for (const waiting of this.#waiting.splice(0)) waiting.reject(new NoThreadLeft());
    };
    // A run of the model may have blocked this thread past the timeout: results that arrived meanwhile are handled
    // first.
    const timer = setTimeout(() => setImmediate(onTimeout), milliseconds * TIMEOUT_FACTOR);
    const onAbort = (): void => {
      reject(signal?.reason as Error);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    const onEnd = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      if (state === 'overdue') this.#overdue--;
      state = 'ended';
      this.#startNext();
    };
    Promise.resolve().then(work).finally(onEnd).then(resolve, reject);
    return promise;
  }
}

/** Overdue work holds every thread, so this work was not started. It can be repeated in another process. */
export class NoThreadLeft extends Error {
  override readonly name = 'NoThreadLeft';
}

/** Decoding took longer than its limit. It may succeed on a machine that is less busy. */
export class DecodeTimeout extends UserError {
  constructor(milliseconds: number) {
    super(`decoding took longer than ${milliseconds / 1000} s`);
  }
}
