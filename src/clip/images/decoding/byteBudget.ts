export interface HoldOptions {
  readonly signal?: AbortSignal | undefined;
  /** Whether a user waits for it. Urgent holders are admitted before all others that wait. */
  readonly urgent?: boolean | undefined;
}

interface WaitingHolder {
  readonly urgent: boolean;
  readonly bytes: number;
  readonly start: () => void;
}

/**
 * Limits the bytes that several holders have in memory at a time. Holders are admitted in order, so that a large one is
 * not overtaken for ever. A holder that is larger than the maximum is admitted alone.
 */
export class ByteBudget {
  readonly #maximum: number;
  readonly #waiting: WaitingHolder[] = [];
  #holders = 0;
  #held = 0;

  constructor(maximum: number) {
    this.#maximum = maximum;
  }

  /** Bytes that are held at this moment. */
  get held(): number {
    return this.#held;
  }

  /**
   * Runs work that holds this many bytes in memory until it ends.
   * @throws the signal's reason if it aborts before the work starts
   */
  async hold<T>(bytes: number, { signal, urgent = false }: HoldOptions, work: () => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    await this.#admission(bytes, urgent, signal);
    try {
      return await work();
    } finally {
      this.#holders--;
      this.#held -= bytes;
      this.#admit();
    }
  }

  #admission(bytes: number, urgent: boolean, signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const waiting: WaitingHolder = {
      bytes,
      urgent,
      start() {
        signal?.removeEventListener('abort', onAbort);
        resolve(undefined);
      },
    };
    const onAbort = (): void => {
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      reject(signal?.reason as Error);
      this.#admit();
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    insertByUrgency(this.#waiting, waiting);
    this.#admit();
    return promise;
  }

  #admit(): void {
    for (;;) {
      const next = this.#waiting[0];
      if (!next || (this.#holders > 0 && this.#held + next.bytes > this.#maximum)) return;
      this.#waiting.shift();
      this.#holders++;
      this.#held += next.bytes;
      next.start();
    }
  }
}

/** Inserts an item behind all items that are as urgent. */
export function insertByUrgency<T extends { readonly urgent: boolean }>(items: T[], item: T): void {
  const firstOrdinary = items.findIndex((other) => !other.urgent);
  const index = item.urgent && firstOrdinary >= 0 ? firstOrdinary : items.length;
  items.splice(index, 0, item);
}
