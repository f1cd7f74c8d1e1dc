/** Measures of a ranking. Equal scores are in no order: each measure is what to expect when they are shuffled. */

type Scores = readonly number[] | Float32Array | Float64Array;

/** Chance that item `own` is among the first k. */
export function hitChance(scores: Scores, own: number, k: number): number {
  const score = scores[own] ?? NaN;
  let [better, tied] = [0, 0];
  for (const other of scores) {
    if (other > score) better++;
    else if (other === score) tied++; // itself too
  }
  return Math.min(1, Math.max(0, (k - better) / tied));
}

/**
 * Recall at k: what part of the relevant items is among the first k, or of as many as fit into k where there are more.
 * @param relevant indices, at least one
 */
export function recallAt(scores: Scores, relevant: readonly number[], k: number): number {
  const found = relevant.reduce((sum, item) => sum + hitChance(scores, item, k), 0);
  return found / Math.min(k, relevant.length);
}

/**
 * Average precision: the mean, over the relevant items, of the precision among all that score as high or higher. Items of one
 * score are taken together, as scikit-learn does.
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

/** NaN of nothing. */
export function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
