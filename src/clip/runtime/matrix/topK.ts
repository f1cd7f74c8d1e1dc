/** Collects the k best of a stream of scores in one pass: a binary heap whose root is the worst score it keeps. */
export interface TopK {
  /** Offers a row. Almost all calls end at the comparison with the root. */
  offer(row: number, score: number): void;
  /** The best rows, best first; equal scores in the order of their rows. */
  best(): { rows: Uint32Array; scores: Float32Array };
}

/** @param k at least 1 */
export function topK(k: number): TopK {
  const rows: number[] = [];
  const scores: number[] = [];
  // Worse: a lower score, or the same score in a later row.
  const worse = (a: number, b: number): boolean => {
    const x = scores[a] ?? 0;
    const y = scores[b] ?? 0;
    return x === y ? (rows[a] ?? 0) > (rows[b] ?? 0) : x < y;
  };
  const swap = (a: number, b: number): void => {
    [rows[a], rows[b]] = [rows[b] ?? 0, rows[a] ?? 0];
    [scores[a], scores[b]] = [scores[b] ?? 0, scores[a] ?? 0];
  };
  const siftUp = (from: number): void => {
    for (let i = from; i > 0;) {
      const parent = (i - 1) >> 1;
      if (!worse(i, parent)) return;
      swap(i, parent);
      i = parent;
    }
  };
  const siftDown = (): void => {
    for (let i = 0; ;) {
      let worst = i;
      for (const child of [2 * i + 1, 2 * i + 2]) if (child < rows.length && worse(child, worst)) worst = child;
      if (worst === i) return;
      swap(i, worst);
      i = worst;
    }
  };
  return {
    offer(row, score) {
      if (rows.length < k) {
        rows.push(row);
        scores.push(score);
        siftUp(rows.length - 1);
      } else if (score > (scores[0] ?? 0)) {
        rows[0] = row;
        scores[0] = score;
        siftDown();
      }
    },
    best() {
      const order = rows.map((_, i) => i).sort((a, b) => (worse(a, b) ? 1 : -1));
      return {
        rows: Uint32Array.from(order, (i) => rows[i] ?? 0),
        scores: Float32Array.from(order, (i) => scores[i] ?? 0),
      };
    },
  };
}
