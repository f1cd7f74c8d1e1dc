import { WaitingLine } from './waitingLine.ts';

export interface HoldOptions {
  readonly signal?: AbortSignal | undefined;
  /** Whether a user waits for it. Urgent holders are admitted before all others that wait. */
  readonly urgent?: boolean | undefined;
}

/**
 * Limits the bytes that several holders have in memory at a time. Holders are admitted in order, so that a large one is
 * not overtaken for ever. A holder that is larger than the maximum is admitted alone.
 */
export class ByteBudget {
  readonly #maximum: number;
  readonly #waiting = new WaitingLine(() => {
    this.#admit();
  });
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
    const admission = this.#waiting.wait({ bytes, urgent }, signal);
    this.#admit();
    await admission;
    try {
      return await work();
    } finally {
      this.#holders--;
      this.#held -= bytes;
      this.#admit();
    }
  }

  #admit(): void {
    for (;;) {
      const next = this.#waiting.first;
      if (!next || (this.#holders > 0 && this.#held + next.bytes > this.#maximum)) return;
      this.#holders++;
      this.#held += next.bytes;
      this.#waiting.startFirst();
    }
  }
}
