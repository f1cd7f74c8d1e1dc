/** Time in milliseconds between the first two runs; it doubles from run to run. */
const FIRST_WAIT = 2000;
const LONGEST_WAIT = 60_000;

/** Doubles the interval between runs while the work has to be repeated. */
export class Backoff {
  #wait = FIRST_WAIT;
  #next: number;

  /** @param delay milliseconds before the first run */
  constructor(delay: number = FIRST_WAIT) {
    this.#next = performance.now() + delay;
  }

  /** Tells whether the work may run now. If so, the next run has to wait. */
  tryRun(): boolean {
    const now = performance.now();
    if (now < this.#next) return false;
    this.#next = now + this.#wait;
    this.#wait = Math.min(LONGEST_WAIT, 2 * this.#wait);
    return true;
  }
}
