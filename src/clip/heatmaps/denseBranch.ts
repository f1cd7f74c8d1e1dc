import type { HeatmapMethod, HeatmapMethods } from './types.ts';
import type { CellMaps } from './cellMaps.ts';

/** The outputs of a dense branch for one square. */
export interface DenseOutputs {
  /** [D] unit vector */
  readonly embedding: Float32Array;
  /** [cells², D] unit rows */
  readonly cells: Float32Array;
  /** The contribution of each cell to the similarity with a prompt; null where the branch does not have it. */
  readonly contributions: CellMaps | null;
  /** [cells²] lengths of the tokens that enter the last block; null where there are no tokens. */
  readonly lengths: Float32Array | null;
}

/** The dense branch of an image encoder. */
export interface DenseBranch {
  /**
   * Null where the branch does not apply to the image.
   * @param pixels [size, size, 3]
   */
  run(pixels: Uint8Array): Promise<DenseOutputs | null>;
  /** Whether it applies only to photos. */
  readonly onlyPhotos: boolean;
  /** The method of `contributions`; null where the branch does not have it. */
  readonly why: Extract<HeatmapMethod, 'backwardPass' | 'attentionPool'> | null;
}

/** The dense branch of a model, which may be loaded at its first use. */
export interface DenseSource {
  /** Null where the model has none. */
  branch(): Promise<DenseBranch | null>;
  /** Null until it is known whether the model has one. */
  readonly methods: HeatmapMethods | null;
}

/** @param because reason why there is no dense branch, as a clause for the user */
export function windowMethods(because: string | null): HeatmapMethods {
  return { where: 'slidingWindow', why: 'slidingWindow', because };
}

/** The source of a branch that is known from the start; null for a model without one. */
export function knownDense(branch: DenseBranch | null): DenseSource {
  return {
    branch: () => Promise.resolve(branch),
    methods: methodsOf(branch),
  };
}

function methodsOf(branch: DenseBranch | null): HeatmapMethods {
  if (!branch) return windowMethods('the model has no dense branch');
  if (branch.onlyPhotos) return windowMethods('the dense branch of the model is only for photos');
  return { where: 'denseHead', why: branch.why ?? 'slidingWindow', because: null };
}
