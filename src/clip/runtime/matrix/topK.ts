/**
 * Collects the k best of a stream of scores in one pass: a binary heap whose root is the worst score it keeps. Equal
 * scores are ordered by their rows.
 */
export class TopK {
  /** A row with this score or a lower one is not among the best; −∞ until there are k rows. */
  least = -Infinity;
  readonly #k: number;
  #count = 0;
  #rows: Uint32Array;
  #scores: Float64Array;

  /** @param k at least 1 */
  constructor(k: number) {
    this.#k = k;
    const capacity = Math.min(k, 1024);
    this.#rows = new Uint32Array(capacity);
    this.#scores = new Float64Array(capacity);
  }

  /** Offers a row. Rows are offered in ascending order. */
  offer(row: number, score: number): void {
    if (this.#count < this.#k) {
      if (this.#count === this.#rows.length) this.#grow();
      this.#rise(this.#count++, row, score);
    } else if (score > this.least) this.#sink(0, this.#count, row, score);
    else return;
    if (this.#count === this.#k) this.least = this.#scores[0] ?? 0;
  }

  /** Returns the best rows, best first. It takes no more rows afterwards. */
  best(): { rows: Uint32Array; scores: Float32Array } {
    // Heap sort: the worst of the remaining rows goes to the end.
    for (let last = this.#count - 1; last > 0; last--) {
      const [row, score] = [this.#rows[last] ?? 0, this.#scores[last] ?? 0];
      this.#place(last, this.#rows[0] ?? 0, this.#scores[0] ?? 0);
      this.#sink(0, last, row, score);
    }
    return {
      rows: this.#rows.slice(0, this.#count),
      scores: Float32Array.from(this.#scores.subarray(0, this.#count)),
    };
  }

  #grow(): void {
    const capacity = Math.min(this.#k, 2 * this.#rows.length);
    const [rows, scores] = [new Uint32Array(capacity), new Float64Array(capacity)];
    rows.set(this.#rows);
    scores.set(this.#scores);
    [this.#rows, this.#scores] = [rows, scores];
  }

  /** Puts a row at a free place at the end of the heap, and moves it up. */
  #rise(place: number, row: number, score: number): void {
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!this.#isWorse(row, score, parent)) break;
      this.#place(place, this.#rows[parent] ?? 0, this.#scores[parent] ?? 0);
      place = parent;
    }
    this.#place(place, row, score);
  }

  /** Puts a row at a place of the heap instead of the one that is there, and moves it down. */
  #sink(place: number, count: number, row: number, score: number): void {
    for (;;) {
      let child = 2 * place + 1;
      if (child >= count) break;
      const other = child + 1;
      if (other < count && this.#isWorse(this.#rows[other] ?? 0, this.#scores[other] ?? 0, child)) child = other;
      if (this.#isWorse(row, score, child)) break;
      this.#place(place, this.#rows[child] ?? 0, this.#scores[child] ?? 0);
      place = child;
    }
    this.#place(place, row, score);
  }

  /** Whether a row is worse than the one at a place: a lower score, or the same score in a later row. */
  #isWorse(row: number, score: number, place: number): boolean {
    const other = this.#scores[place] ?? 0;
    return score === other ? row > (this.#rows[place] ?? 0) : score < other;
  }

  #place(place: number, row: number, score: number): void {
    this.#rows[place] = row;
    this.#scores[place] = score;
  }
}
