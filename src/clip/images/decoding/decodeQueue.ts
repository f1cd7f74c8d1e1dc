import { fileSize } from '../../../base/format.ts';
import { UserError } from '../../../base/userError.ts';
import { DECODE_LIMITS } from '../limits.ts';
import { ByteBudget } from './byteBudget.ts';
import { WaitingLine } from './waitingLine.ts';

/**
 * sharp uses the threads of libuv: four, unless the environment sets another number. One thread stays free to read
 * files.
 */
const DECODE_THREADS = Math.max(1, Number(process.env['UV_THREADPOOL_SIZE'] ?? 4) - 1);
/**
 * sharp stops most work at the time limit itself. This timer abandons the rest, and starts later than that of sharp.
 */
const TIMEOUT_FACTOR = 1.5;
/** The part of the memory that encoded files may use. The rest is for decoders. */
const FILE_SHARE = 0.2;

export interface QueueOptions {
  /** Maximum time from the start of the work; the time in the queue does not count. */
  readonly milliseconds: number;
  /** Estimate of the bytes that the work holds in memory while it runs. Default: 0. */
  readonly bytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Whether a user waits for this image. Urgent work starts before all other waiting work. */
  readonly urgent?: boolean | undefined;
}

/**
 * The queue of all decoding in a process. It runs at most one task per decoding thread, and starts a task only if all
 * running tasks together need no more memory than the budget. Tasks start in order, so that a large image is not
 * overtaken for ever. A decoder that cannot be stopped (librsvg, libheif) keeps its thread and its memory past its
 * timeout until it ends; its result is dropped.
 */
export class DecodeQueue {
  /** The budget for encoded files, from reading until they are decoded. */
  readonly files: ByteBudget;
  /** Maximum bytes that all running work together may need. */
  readonly bytes: number;
  readonly #threads: number;
  readonly #waiting = new WaitingLine(() => {
    this.#admit();
  });
  #running = 0;
  #held = 0;
  /** Number and bytes of the works that still run after their timeout. */
  #overdue = 0;
  #overdueBytes = 0;
  /** Bytes of the last work that overdue work left no memory for. */
  #turnedAway = 0;

  /** @param memory maximum bytes of encoded files and decoders together */
  constructor(threads: number = DECODE_THREADS, memory: number = DECODE_LIMITS.memory) {
    this.#threads = threads;
    this.files = new ByteBudget(memory * FILE_SHARE);
    this.bytes = memory * (1 - FILE_SHARE);
  }

  /**
   * Whether overdue work holds every thread, or so much memory that other work could not start. Only another process
   * can decode then.
   */
  get isStuck(): boolean {
    return !this.#canStart(this.#turnedAway);
  }

  /** Bytes that running work needs at this moment. */
  get held(): number {
    return this.#held;
  }

  /**
   * Runs native work as soon as a thread and enough memory are free.
   * @throws NeedsTooMuchMemory if it needs more than the whole budget; DecodeTimeout past the time limit; NoThreadLeft
   * when overdue work holds every thread or the memory; the signal's reason when it aborts
   */
  async run<T>(work: () => Promise<T>, options: QueueOptions): Promise<T> {
    const { milliseconds, bytes = 0, signal, urgent = false } = options;
    if (bytes > this.bytes) throw new NeedsTooMuchMemory(bytes, this.bytes);
    signal?.throwIfAborted();
    if (this.isStuck || !this.#canStart(bytes)) {
      this.#turnAway(bytes);
      throw new NoThreadLeft();
    }
    // Fulfilled when the work holds a thread and its memory.
    const admission = this.#waiting.wait({ bytes, urgent }, signal);
    this.#admit();
    await admission;
    if (signal?.aborted) {
      this.#release(bytes);
      throw signal.reason;
    }
    return this.#runWithTimeout(work, milliseconds, bytes, signal);
  }

  /** Starts the works at the head of the queue that there is a thread and memory for. */
  #admit(): void {
    for (;;) {
      const next = this.#waiting.first;
      if (!next || this.#running >= this.#threads || this.#held + next.bytes > this.bytes) return;
      this.#running++;
      this.#held += next.bytes;
      this.#waiting.startFirst();
    }
  }

  #release(bytes: number): void {
    this.#running--;
    this.#held -= bytes;
    this.#admit();
  }

  /** Whether work can start while overdue work runs, after all other work ended. */
  #canStart(bytes: number): boolean {
    return this.#overdue < this.#threads && this.#overdueBytes + bytes <= this.bytes;
  }

  #turnAway(bytes: number): void {
    this.#turnedAway = bytes;
    this.#waiting.rejectAll(new NoThreadLeft());
  }

  #runWithTimeout<T>(
    work: () => Promise<T>,
    milliseconds: number,
    bytes: number,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    let state: 'running' | 'overdue' | 'ended' = 'running';
    const onTimeout = (): void => {
      if (state === 'ended') return;
      state = 'overdue';
      this.#overdue++;
      this.#overdueBytes += bytes;
      reject(new DecodeTimeout(milliseconds));
      const blocked = this.#waiting.find((waiting) => !this.#canStart(waiting.bytes));
      if (blocked) this.#turnAway(blocked.bytes);
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
      if (state === 'overdue') {
        this.#overdue--;
        this.#overdueBytes -= bytes;
        if (!this.isStuck) this.#turnedAway = 0;
      }
      state = 'ended';
      this.#release(bytes);
    };
    Promise.resolve().then(work).finally(onEnd).then(resolve, reject);
    return promise;
  }
}

/**
 * Overdue work holds every thread or the memory, so this work was not started. It can be repeated in another process.
 */
export class NoThreadLeft extends Error {
  override readonly name = 'NoThreadLeft';
}

/** Decoding took longer than its limit. */
export class DecodeTimeout extends UserError {
  constructor(milliseconds: number) {
    super(`decoding took longer than ${milliseconds / 1000} s`);
  }
}

/** Decoding needs more memory than the process may use for it. */
class NeedsTooMuchMemory extends UserError {
  constructor(bytes: number, maximum: number) {
    super(`decoding needs about ${fileSize(bytes)} of memory, more than the limit of ${fileSize(maximum)}`);
  }
}
