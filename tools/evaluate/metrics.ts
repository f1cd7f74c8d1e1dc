/**
 * Metrics of a ranking. Items with equal scores have no order: each metric is the expected value over all their orders.
 */

type Scores = readonly number[] | Float32Array | Float64Array;

/** The probability that an item is among the first k. */
export function hitChance(scores: Scores, item: number, k: number): number {
  const score = scores[item] ?? NaN;
  let [better, tied] = [0, 0];
  for (const other of scores) {
    if (other > score) better++;
    else if (other === score) tied++; // counts the item itself
  }
  return Math.min(1, Math.max(0, (k - better) / tied));
}

/**
 * Recall at k: the share of the relevant items that are among the first k. More than k relevant items count as k.
 * @param relevant indices, at least one
 */
export function recallAt(scores: Scores, relevant: readonly number[], k: number): number {
  const found = relevant.reduce((sum, index) => sum + hitChance(scores, index, k), 0);
  return found / Math.min(k, relevant.length);
}

/**
 * Average precision: the mean, over the relevant items, of the precision among the items with the same or a higher
 * score. Items with equal scores form a group, as in scikit-learn.
 * @param relevant indices, at least one
 */
export function averagePrecision(scores: Scores, relevant: readonly number[]): number {
  const wanted = new Set(relevant);
  const order = Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
  let [hits, sum] = [0, 0];
  for (let start = 0; start < order.length;) {
    let end = start;
    let group = 0;
    while (end < order.length && scores[order[end] ?? 0] === scores[order[start] ?? 0]) {
      if (wanted.has(order[end] ?? -1)) group++;
      end++;
    }
    hits += group;
    sum += group * (hits / end);
    start = end;
  }
  return sum / wanted.size;
}
