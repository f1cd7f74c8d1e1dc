/** A query over the cells of one image. */
export interface HeatmapQuery {
  /**
   * `where`: which cells show what a prompt describes, compared with the background.
   * `why`: how much each cell adds to the similarity of the image and the prompt, or takes from it.
   */
  readonly kind: 'where' | 'why';
  /** [P, D] row-major, unit rows: one prompt each, or the ensemble of a label's prompts; P ≥ 1. */
  readonly prompts: Float32Array;
  /** [M, D] row-major, unit rows: the background that competes with the prompts in `where`. Not used for `why`. */
  readonly background: Float32Array;
}

/**
 * How the cells of a heatmap are scored: by the dense head of the image encoder, by the gradient of the similarity, by
 * the shares of an attention pool, or by running the encoder on windows of the image.
 */
export type HeatmapMethod = 'denseHead' | 'backwardPass' | 'attentionPool' | 'slidingWindow';

/** The methods that a model's heatmaps of drawings use. Photos may have better ones. */
export interface HeatmapMethods {
  readonly where: HeatmapMethod;
  readonly why: HeatmapMethod;
  /** Reason, as a clause for the user, why a better method is not available; null where none would be better. */
  readonly because: string | null;
}

/** A grid of cells over an image with a value for each prompt. */
export interface Heatmap {
  readonly columns: number;
  readonly rows: number;
  /**
   * The part of the image that the grid covers, in fractions of its width and height as it is shown. It exceeds 0…1
   * where the image was letterboxed.
   */
  readonly area: { readonly left: number; readonly top: number; readonly width: number; readonly height: number };
  /** [P, rows, columns] row-major. `where`: a probability, 0…1. `why`: a signed share of the similarity. */
  readonly values: Float32Array;
  /** The fixed scale. `where`: [1/(M+1), 1]. `why`: [−m, m] with m the largest magnitude. */
  readonly range: readonly [number, number];
  /** [P] cosine of the whole image and each prompt, as in search. */
  readonly similarities: Float32Array;
  readonly method: HeatmapMethod;
}
