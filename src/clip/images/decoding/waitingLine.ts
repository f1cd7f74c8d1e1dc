/** Work that waits for memory. */
export interface WaitingWork {
  readonly bytes: number;
  /** Whether a user waits for it. Urgent work stands before all other work. */
  readonly urgent: boolean;
}

interface Entry extends WaitingWork {
  readonly start: () => void;
  readonly reject: (error: Error) => void;
}

/** Work that waits in order for something that is limited. Work whose signal aborts leaves the line. */
export class WaitingLine {
  readonly #entries: Entry[] = [];
  readonly #onLeave: () => void;

  /** @param onLeave called after work left the line because its signal aborted */
  constructor(onLeave: () => void) {
    this.#onLeave = onLeave;
  }

  /** The work that is next. */
  get first(): WaitingWork | undefined {
    return this.#entries[0];
  }

  /**
   * Puts work into the line. The promise is fulfilled by startFirst.
   * @throws the signal's reason if it aborts in the line; the error of rejectAll
   */
  wait(work: WaitingWork, signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const onAbort = (): void => {
      this.#entries.splice(this.#entries.indexOf(entry), 1);
      reject(signal?.reason as Error);
      this.#onLeave();
    };
    const leave = (): void => signal?.removeEventListener('abort', onAbort);
    const entry: Entry = {
      ...work,
      start() {
        leave();
        resolve(undefined);
      },
      reject(error) {
        leave();
        reject(error);
      },
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    insertByUrgency(this.#entries, entry);
    return promise;
  }

  startFirst(): void {
    this.#entries.shift()?.start();
  }

  rejectAll(error: Error): void {
    for (const entry of this.#entries.splice(0)) entry.reject(error);
  }

  find(matches: (work: WaitingWork) => boolean): WaitingWork | undefined {
    return this.#entries.find(matches);
  }
}

/** Inserts an item behind all items that are as urgent. */
function insertByUrgency<T extends { readonly urgent: boolean }>(items: T[], item: T): void {
  const firstOrdinary = items.findIndex((other) => !other.urgent);
  const index = item.urgent && firstOrdinary >= 0 ? firstOrdinary : items.length;
  items.splice(index, 0, item);
}
