/**
 * The protocol between the inference process (host.ts), which is the server, and its parent (client.ts). Messages use
 * the IPC channel of the child process with advanced serialization: typed arrays arrive as typed arrays.
 */

import type { Protocol } from '../../base/rpc/protocol.ts';
import type { Heatmap, HeatmapMethods, HeatmapQuery } from '../heatmaps/types.ts';
import type { HashedLook } from '../images/look/imageLook.ts';
import type { DecodeLimits } from '../images/limits.ts';
import type {
  HashedSheet,
  ImageDetails,
  ImageOutcome,
  ImageSource,
  KnownImage,
  ShownBox,
  ShownPixels,
  Thumbnail,
  ThumbnailBox,
} from '../images/types.ts';
import type { LinearScores, Moments, Ranking, RankingScores, SparseTags } from '../scoring/types.ts';
import type { Provider } from './device/providers.ts';

/** The parent sends no events. */
export interface InferenceProtocol extends Protocol {
  readonly methods: Methods;
  readonly serverEvents: HostEvents;
}

export interface Methods extends ImageMethods, MatrixMethods, MatrixUploadMethods {
  /** Null where an image was not processed, as in ImageMethods. */
  embedImages(params: { readonly images: readonly ImageSource[] }): (ImageOutcome | null)[];
  /** Returns [texts, embeddingSize] row-major, unit rows. */
  embedTexts(params: { readonly texts: readonly string[] }): Float32Array;
  /** Counts the pieces of the vocabulary that each text consists of. */
  countPieces(params: { readonly texts: readonly string[] }): Uint32Array;
  describe(params: null): RuntimeDescription;
}

/**
 * Methods that decode one image. The result is null if the image was not processed because a hanging decoder holds
 * every thread: ask a new process.
 */
export interface ImageMethods {
  thumbnail(params: { readonly source: KnownImage; readonly box: ThumbnailBox }): Thumbnail | null;
  heatmap(params: { readonly source: ImageSource; readonly query: HeatmapQuery }): Heatmap | null;
  /** The look of an image, with the hash of the bytes that were decoded, as embedImages returns it. */
  imageLook(params: { readonly source: ImageSource }): HashedLook | null;
  /** The images in a file that other documents refer to. */
  sheetContent(params: { readonly source: ImageSource }): HashedSheet | null;
  imageDetails(params: { readonly source: ImageSource }): ImageDetails | null;
  shownPixels(params: { readonly source: ImageSource; readonly box: ShownBox }): ShownPixels | null;
}

/** Methods over all rows of a matrix that the process holds under `key`. */
export interface MatrixMethods {
  rank(params: {
    readonly key: string;
    readonly query: RankingScores;
    readonly limit: number;
    /** The rows that compete; null: all rows. */
    readonly among: Uint32Array | null;
  }): Ranking;
  tag(params: {
    readonly key: string;
    readonly labels: LinearScores;
    /** [L] the logit from which label j is a tag of a row. */
    readonly minimum: Float32Array;
    /** Maximum number of tags of a row. */
    readonly limit: number;
  }): SparseTags;
  moments(params: { readonly key: string }): Moments;
}

/** Methods that bring a matrix into the process. */
export interface MatrixUploadMethods {
  /** Starts an empty matrix of D columns, in place of an earlier one of this key. */
  beginMatrix(params: { readonly key: string; readonly columns: number }): null;
  forgetMatrix(params: { readonly key: string }): null;
  /** Adds float16 rows, row-major. */
  appendRows(params: { readonly key: string; readonly rows: Uint16Array }): null;
}

/** The events that the inference process sends. */
export interface HostEvents {
  /** Sent once, when the native modules are loaded. */
  readonly ready: null;
  /** Sent during long work: the process does not hang. */
  readonly alive: null;
  /**
   * A decoder that hangs and cannot be stopped holds every thread. The process answers the requests that it has; end it
   * then.
   */
  readonly stuck: null;
  /** Sent when the GPU starts to work and when it is done: if the process dies in between, the GPU may be the cause. */
  readonly onGpu: { readonly busy: boolean };
  /** Sent once, if the GPU failed at a run that the CPU completed. The process uses the CPU from then on. */
  readonly gpuLost: { readonly reason: string };
}

/** The state of the inference process, for diagnostics. */
export interface RuntimeDescription {
  readonly processId: number;
  /** The execution provider of the image encoder. Everything else runs on the CPU. */
  readonly provider: Provider;
  /** Batch size of the image encoder. */
  readonly batch: number;
  readonly threads: number;
  readonly imageSession: 'not loaded' | 'loaded';
  readonly textSession: 'not loaded' | 'loaded';
  /** Null until the first heatmap, which finds out. */
  readonly heatmaps: HeatmapMethods | null;
}

/** The options of the inference process: its only command-line argument, as JSON. */
export interface HostOptions {
  readonly modelFolder: string;
  /** The execution provider of the image encoder. */
  readonly device: Provider;
  /** Batch size of the image encoder on that provider. */
  readonly batch: number;
  readonly threads: number;
  /** Images to decode at a time, if the memory allows it. */
  readonly decodeThreads: number;
  /** The limits that differ from the defaults. */
  readonly limits: Partial<DecodeLimits>;
  /** A session that is not used for this long is released. */
  readonly sessionIdleMilliseconds: number;
  /** The folder that keeps thumbnails longer than the process runs, and the maximum number of bytes in it. */
  readonly thumbnailFolder?: { readonly folder: string; readonly bytes: number } | undefined;
}
