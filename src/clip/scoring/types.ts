/** A linear score of rows: row · weights + bias. */
export interface LinearScores {
  /** [L, D], row-major. */
  readonly weights: Float32Array;
  /** [L] */
  readonly bias: Float32Array;
}

/**
 * The scores of one query: the first of L linear scores is the logit of the query, and the others are the logits of the
 * terms to exclude, see rankingLogit.
 */
export interface RankingScores extends LinearScores {
  /** [L - 1] the exponent of each term to exclude. Default: none. */
  readonly exclusions?: Float32Array | undefined;
}

/**
 * Combines the linear scores of one row: the odds of the query times (1 − P(b))^k for each term b to exclude.
 * @param logits the scores of the row
 */
export function rankingLogit(logits: ArrayLike<number>, exclusions: Float32Array): number {
  let sum = logits[0] ?? 0;
  for (let l = 0; l < exclusions.length; l++) {
    const logit = logits[l + 1] ?? 0;
    // ln(1 − P) = −ln(1 + e^logit), which is −logit where e^logit would overflow.
    sum -= (exclusions[l] ?? 0) * (logit > 30 ? logit : Math.log1p(Math.exp(logit)));
  }
  return sum;
}

/** The best rows of a matrix for one query, best first. */
export interface Ranking {
  readonly rows: Uint32Array;
  /** The logits of the query, aligned with rows. */
  readonly logits: Float32Array;
}

/** The tags of all rows of a matrix, row by row: row r has entries offsets[r] to offsets[r + 1], best first. */
export interface SparseTags {
  readonly offsets: Uint32Array;
  readonly labels: Uint32Array;
  readonly logits: Float32Array;
}

/** First and second moments of the rows of a matrix. */
export interface Moments {
  readonly count: number;
  /** [D] */
  readonly mean: Float32Array;
  /** [D, D], row-major, divided by count. */
  readonly covariance: Float32Array;
}
