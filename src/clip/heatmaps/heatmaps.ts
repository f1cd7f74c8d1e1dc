import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import * as ort from 'onnxruntime-node';
import { contrast, cropMaps, gridOver, products, repairOutliers, whereRange, whyRange } from './heatmap.ts';
import type { ModelManifest } from '../base/manifest.ts';
import type { Fit } from '../images/geometry.ts';
import { preprocessImage, type EncoderImage } from '../images/preprocess.ts';
import { cutWindows, hideWindows, overlapAdd, windowGrid, type WindowGrid } from './windows.ts';
import type { DenseBranch, DenseSource, State } from './dense.ts';
import { encodePixels } from '../runtime/encoders/encode.ts';
import type { Decoding } from '../images/decoding/decodeOptions.ts';
import type { NamedBytes } from '../images/formats/imageFormat.ts';
import { readSource } from '../images/imageSource.ts';
import type { Heatmap, HeatmapMethod, HeatmapQuery } from './types.ts';
import type { ImageSource } from '../images/types.ts';
import { floatOutput, type LazySession } from '../runtime/encoders/sessions.ts';

/** Bytes of what was seen in images lately: hundreds of them, or some dozens of a large encoder. */
const MOST_BYTES = 64 << 20;
/** Images a run, between two of which other requests get their turn. */
const BATCH = 8;
/**
 * Windows that look for things: this many side by side. The whole image is one of them, or a thing that fills it would be seen in
 * pieces alone. An encoder of small images is quick enough for smaller windows.
 */
const PARTS = [1, 2, 3];
const PARTS_OF_SMALL = [...PARTS, 4];
const SMALL = 128;
/** Windows that are hidden, and the cells a side of a map that is made of windows. */
const HIDDEN_PARTS = 4;
const WINDOW_CELLS = 16;

export interface HeatmapSessions {
  readonly image: LazySession;
  readonly dense: Pick<DenseSource, 'branch'>;
}

/** What does not depend on the prompts, so that another prompt costs next to nothing. */
interface Seen {
  /** How the image lies in a square of so many pixels. */
  readonly fit: Fit;
  readonly size: number;
  /** Cells a side of the square. */
  readonly cells: number;
  /** [D] */
  readonly embedding: Float32Array;
  /** Whose products with a prompt are its map: [cells², D]; or the state from which the gradient goes on. */
  readonly vectors: Float32Array | State;
  readonly method: HeatmapMethod;
}

type Looked = Readonly<Partial<Record<HeatmapQuery['kind'], Seen>>>;

/**
 * Answers heatmaps. What was seen in an image is kept by its content.
 * @param onProgress called after each run of an encoder
 */
export function heatmaps(
  { image, dense }: HeatmapSessions,
  manifest: Pick<ModelManifest, 'image' | 'embeddingSize'>,
  decoding: Decoding,
  onProgress: () => void,
): (source: ImageSource, query: HeatmapQuery, signal: AbortSignal) => Promise<Heatmap> {
  const { image: input, embeddingSize } = manifest;
  const kept = new LRUCache<string, Seen>({ maxSize: MOST_BYTES, sizeCalculation: bytesIn });
  // Nothing of the image is cut off: where the encoder crops, the whole is squeezed into its square.
  const wholeInput = { ...input, resize: input.resize === 'shortest' ? ('squash' as const) : input.resize };
  const look = async (file: NamedBytes, kind: HeatmapQuery['kind'], signal: AbortSignal): Promise<Looked> => {
    const decode = (size: number): Promise<EncoderImage> =>
      preprocessImage(file, { ...wholeInput, size }, { ...decoding, signal, urgent: true });
    const whole = await decode(input.size);
    const branch = await dense.branch();
    if (branch && (kind === 'where' || branch.why)) return lookOnce(branch, whole);
    return kind === 'where'
      ? { where: await lookThroughWindows(whole, decode, signal) }
      : { why: await lookWithWindowsHidden(whole, signal) };
  };

  /** One run of the dense branch is enough for maps of both kinds. */
  const lookOnce = async (branch: DenseBranch, { pixels, fit }: EncoderImage): Promise<Looked> => {
    const { embedding, cells, lengths, shares } = await branch.look(pixels);
    onProgress();
    const count = Math.sqrt(cells.length / embeddingSize);
    const common = { fit, size: input.size, embedding };
    const rows = lengths ? repairOutliers(cells, lengths, count) : cells;
    const where: Seen = { ...common, cells: count, vectors: rows, method: 'denseHead' };
    const { why } = branch;
    if (!why || !shares) return { where };
    const cellsOfShares = shares instanceof Float32Array ? Math.sqrt(shares.length / embeddingSize) : count;
    return { where, why: { ...common, cells: cellsOfShares, vectors: shares, method: why } };
  };

  const encode = async (squares: readonly Uint8Array[], signal: AbortSignal): Promise<Float32Array> => {
    const rows = new Float32Array(squares.length * embeddingSize);
    for (let at = 0; at < squares.length; at += BATCH) {
      signal.throwIfAborted();
      rows.set(await encodePixels(image, squares.slice(at, at + BATCH), manifest), at * embeddingSize);
      onProgress();
    }
    return rows;
  };

  /** The mean over windows of several sizes. */
  const lookThroughWindows = async (
    whole: EncoderImage,
    decode: (size: number) => Promise<EncoderImage>,
    signal: AbortSignal,
  ): Promise<Seen> => {
    const grids = (input.size < SMALL ? PARTS_OF_SMALL : PARTS).map(windowGrid);
    const side = input.size * Math.max(...grids.map(({ parts }) => parts));
    const { pixels, fit } = await decode(side);
    const windows = (grid: WindowGrid): Uint8Array[] => cutWindows(pixels, side, grid, input.size);
    const embedding = await encode([whole.pixels], signal);
    const vectors = new Float32Array(WINDOW_CELLS ** 2 * embeddingSize);
    for (const grid of grids) {
      const spread = overlapAdd(await encode(windows(grid), signal), grid, WINDOW_CELLS);
      for (const [i, value] of spread.entries()) vectors[i] = (vectors[i] ?? 0) + value / grids.length;
    }
    return { fit, size: side, cells: WINDOW_CELLS, embedding, vectors, method: 'slidingWindow' };
  };

  /** What the embedding loses where a window is hidden. */
  const lookWithWindowsHidden = async ({ pixels, fit }: EncoderImage, signal: AbortSignal): Promise<Seen> => {
    const grid = windowGrid(HIDDEN_PARTS);
    const embedding = await encode([pixels], signal);
    const losses = await encode(hideWindows(pixels, input.size, grid), signal);
    for (const [i, value] of losses.entries()) losses[i] = (embedding[i % embeddingSize] ?? 0) - value;
    const vectors = overlapAdd(losses, grid, WINDOW_CELLS);
    return { fit, size: input.size, cells: WINDOW_CELLS, embedding, vectors, method: 'slidingWindow' };
  };

  /** [P, cells²] */
  const mapsOf = ({ vectors }: Seen, prompts: Float32Array): Promise<Float32Array> => {
    if (vectors instanceof Float32Array) return Promise.resolve(products(prompts, vectors, embeddingSize));
    return vectors.gradient.use(async (session) => {
      const text = new ort.Tensor('float32', prompts, [prompts.length / embeddingSize, embeddingSize]);
      return floatOutput(await session.run({ ...vectors.feeds, text }), 'signed');
    });
  };

  return async (source, { kind, prompts, background }, signal) => {
    const file = await readSource(source, decoding.limits);
    const hash = createHash('sha256').update(file.bytes).digest('hex');
    const key = (one: HeatmapQuery['kind']): string => `${one} ${hash}`;
    let seen = kept.get(key(kind));
    if (!seen) {
      const looked = await look(file, kind, signal);
      for (const one of ['where', 'why'] as const) if (looked[one]) kept.set(key(one), looked[one]);
      seen = looked[kind];
      if (!seen) throw new Error(`Nothing was looked at for "${kind}".`);
    }
    signal.throwIfAborted();
    const { cells, fit, size, embedding, method } = seen;
    const maps = await mapsOf(seen, prompts);
    const all = kind === 'why' ? maps : contrast(maps, await mapsOf(seen, background), cells ** 2);
    const grid = gridOver(fit, size, cells);
    const values = cropMaps(all, cells, grid);
    return {
      columns: grid.columns,
      rows: grid.rows,
      area: grid.area,
      values,
      range: kind === 'why' ? whyRange(values) : whereRange(background.length / embeddingSize),
      similarities: products(prompts, embedding, embeddingSize),
      method,
    };
  };
}

function bytesIn({ vectors, embedding }: Seen): number {
  const tensors = vectors instanceof Float32Array ? [vectors] : Object.values(vectors.feeds).map(({ data }) => data);
  return [embedding, ...tensors].reduce((sum, data) => sum + ('byteLength' in data ? data.byteLength : 0), 0);
}
