import type { ModelManifest } from '../base/manifest.ts';
import type { Fit } from '../images/geometry.ts';
import type { EncoderImage } from '../images/preprocess.ts';
import { blankCells } from './blankCells.ts';
import { type CellMaps, CellVectors } from './cellMaps.ts';
import type { DenseBranch, DenseSource } from './denseBranch.ts';
import { repairOutliers } from './outliers.ts';
import type { HeatmapMethod, HeatmapQuery } from './types.ts';
import { cutWindows, hideWindows, overlapAdd, windowGrid } from './windows.ts';

/** Batch size of the encoder. Other requests run between two batches. */
const BATCH = 8;
/**
 * Numbers of windows side by side that are searched for objects. The whole image is one of them, because smaller
 * windows show only parts of an object that fills the image. An encoder of small images is fast enough for smaller
 * windows.
 */
const PARTS = [1, 2, 3];
const PARTS_OF_SMALL = [...PARTS, 4];
const SMALL = 128;
/** Number of hidden windows side by side. */
const HIDDEN_PARTS = 4;
/** Cells a side of a map that is made from windows. */
const WINDOW_CELLS = 16;

/** The part of a heatmap that does not depend on the prompts. */
export interface ImageFeatures {
  /** Position of the image in a square of `size` pixels a side. */
  readonly fit: Fit;
  readonly size: number;
  /** [D] */
  readonly embedding: Float32Array;
  readonly maps: CellMaps;
  /** [cells²] 1 for a cell that shows only the blank surroundings of a drawing; null for none. */
  readonly blank: Uint8Array | null;
  readonly method: HeatmapMethod;
}

export type FeaturesByKind = Readonly<Partial<Record<HeatmapQuery['kind'], ImageFeatures>>>;

/** Decodes an image into the square of an encoder with `size` pixels a side. */
export type DecodeSquare = (size: number) => Promise<EncoderImage>;

/** The encoders of a model, as the inference process runs them. */
export interface HeatmapEncoders {
  /** Squares [size, size, 3] → [n, D], unit rows. */
  readonly encode: (squares: readonly Uint8Array[]) => Promise<Float32Array>;
  readonly dense: Pick<DenseSource, 'branch'>;
}

/** Computes the features of images, with the dense branch of the encoder or with windows. */
export class FeatureExtractor {
  readonly #encoders: HeatmapEncoders;
  readonly #manifest: Pick<ModelManifest, 'image' | 'embeddingSize'>;
  readonly #onProgress: () => void;

  /** @param onProgress called after each run of an encoder */
  constructor(
    encoders: HeatmapEncoders,
    manifest: Pick<ModelManifest, 'image' | 'embeddingSize'>,
    onProgress: () => void,
  ) {
    this.#encoders = encoders;
    this.#manifest = manifest;
    this.#onProgress = onProgress;
  }

  /** The features for one kind of heatmap, and for the other kind if they need no additional run. */
  async extract(decode: DecodeSquare, kind: HeatmapQuery['kind'], signal: AbortSignal): Promise<FeaturesByKind> {
    const whole = await decode(this.#manifest.image.size);
    const branch = await this.#encoders.dense.branch();
    if (branch && (kind === 'where' || branch.why)) {
      const features = await this.#denseFeatures(branch, whole);
      if (features) return features;
    }
    return kind === 'where'
      ? { where: await this.#windowFeatures(whole, decode, signal) }
      : { why: await this.#occlusionFeatures(whole, signal) };
  }

  /** Null where the branch does not apply to the image. */
  async #denseFeatures(branch: DenseBranch, { pixels, fit }: EncoderImage): Promise<FeaturesByKind | null> {
    const { embeddingSize, image } = this.#manifest;
    const outputs = await branch.run(pixels);
    this.#onProgress();
    if (!outputs) return null;
    const { embedding, cells, lengths, contributions } = outputs;
    const common = { fit, size: image.size, embedding };
    const side = Math.sqrt(cells.length / embeddingSize);
    const vectors = lengths ? repairOutliers(cells, lengths, side) : cells;
    const maps = new CellVectors(vectors, embeddingSize);
    const blank = blankCells(pixels, image.size, side, fit);
    const where: ImageFeatures = { ...common, maps, blank, method: 'denseHead' };
    if (!branch.why || !contributions) return { where };
    return { where, why: { ...common, maps: contributions, blank: null, method: branch.why } };
  }

  /** The mean over windows of several sizes. */
  async #windowFeatures(whole: EncoderImage, decode: DecodeSquare, signal: AbortSignal): Promise<ImageFeatures> {
    const { embeddingSize, image } = this.#manifest;
    const grids = (image.size < SMALL ? PARTS_OF_SMALL : PARTS).map(windowGrid);
    const size = image.size * Math.max(...grids.map(({ parts }) => parts));
    const { pixels, fit } = await decode(size);
    const embedding = await this.#encode([whole.pixels], signal);
    const vectors = new Float32Array(WINDOW_CELLS ** 2 * embeddingSize);
    for (const grid of grids) {
      const rows = await this.#encode(cutWindows(pixels, size, grid, image.size), signal);
      const spread = overlapAdd(rows, grid, WINDOW_CELLS);
      for (const [i, value] of spread.entries()) vectors[i] = (vectors[i] ?? 0) + value / grids.length;
    }
    const maps = new CellVectors(vectors, embeddingSize);
    return { fit, size, embedding, maps, blank: blankCells(pixels, size, WINDOW_CELLS, fit), method: 'slidingWindow' };
  }

  /** The change of the embedding when a window is hidden. */
  async #occlusionFeatures({ pixels, fit }: EncoderImage, signal: AbortSignal): Promise<ImageFeatures> {
    const { embeddingSize, image } = this.#manifest;
    const grid = windowGrid(HIDDEN_PARTS);
    const embedding = await this.#encode([pixels], signal);
    const losses = await this.#encode(hideWindows(pixels, image.size, grid), signal);
    for (const [i, value] of losses.entries()) losses[i] = (embedding[i % embeddingSize] ?? 0) - value;
    const maps = new CellVectors(overlapAdd(losses, grid, WINDOW_CELLS), embeddingSize);
    return { fit, size: image.size, embedding, maps, blank: null, method: 'slidingWindow' };
  }

  async #encode(squares: readonly Uint8Array[], signal: AbortSignal): Promise<Float32Array> {
    const { embeddingSize } = this.#manifest;
    const rows = new Float32Array(squares.length * embeddingSize);
    for (let start = 0; start < squares.length; start += BATCH) {
      signal.throwIfAborted();
      rows.set(await this.#encoders.encode(squares.slice(start, start + BATCH)), start * embeddingSize);
      this.#onProgress();
    }
    return rows;
  }
}
