/** A linear score of rows: row · weights + bias. */
export interface LinearScores {
  /** [L, D], row-major. */
  readonly weights: Float32Array;
  /** [L] */
  readonly bias: Float32Array;
}

/** The best rows of a matrix for one query, best first. */
export interface Ranking {
  readonly rows: Uint32Array;
  /** row · weights + bias, aligned with rows. */
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
