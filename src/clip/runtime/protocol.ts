/**
 * What the inference process (host.ts) and its client (client.ts) say to each other. Both sides compile against this file alone.
 * Messages travel by child_process IPC with advanced serialization: typed arrays arrive as typed arrays.
 */

import type { Provider } from './device/providers.ts';

/** An image to embed: a file that the inference process reads itself, or bytes where there is no such file. */
export type ImageSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'bytes'; readonly name: string; readonly bytes: Uint8Array };

/** An image whose content the caller may know already. */
export type KnownImage = ImageSource & {
  /**
   * SHA-256 of its bytes in hex, as the index has it: where there is a thumbnail of this content, the file is not read. The
   * caller answers for it. Of a file that changed since it was indexed it gets the picture of what was indexed, until the
   * index is up to date; who wants the file as it is now leaves the hash out. Thumbnails are kept under the hash of what
   * was read, so that a wrong one never leads to a wrong picture of another content.
   */
  readonly hash?: string | undefined;
};

/** What became of one image; a bad image is an outcome and not an error, so that arrays stay aligned. */
export type ImageOutcome =
  | {
      readonly ok: true;
      /** SHA-256 of the encoded bytes that were decoded, in hex. */
      readonly hash: string;
      /** Pixels of the image as it is shown, after EXIF orientation. */
      readonly width: number;
      readonly height: number;
      readonly format: string;
      /** Unit vector [embeddingSize]. */
      readonly embedding: Float32Array;
    }
  | {
      readonly ok: false;
      /** Null where the bytes could not be read at all. */
      readonly hash: string | null;
      /** For people: why it was left out. */
      readonly reason: string;
      /** Whether the same bytes fail every time. False where another try may succeed: unreadable, too slow, or the process died. */
      readonly permanent: boolean;
    };

/** What a thumbnail fits into, up to 2048 pixels a side, and is shown on; see thumbnail.ts. */
export interface ThumbnailBox {
  /** Pixels of the screen. */
  readonly width: number;
  readonly height: number;
  /** Most encoded bytes. Default: 36 KB, which may travel as a data URI. */
  readonly bytes?: number | undefined;
  /**
   * `any` keeps transparency as it is; for `dark` and `light` background an image that would vanish there, as black icons do in a
   * dark theme, gets a background of its own.
   */
  readonly background: 'any' | 'dark' | 'light';
}

/** What the pixels of an image fit into, and are shown on. */
export type ShownBox = Pick<ThumbnailBox, 'width' | 'height' | 'background'>;

/** A small picture of an image. */
export interface Thumbnail {
  /** WebP. */
  readonly bytes: Uint8Array;
  /** Pixels of the thumbnail. */
  readonly width: number;
  readonly height: number;
  /** The image itself: pixels as it is shown, and encoded bytes. */
  readonly image: { readonly width: number; readonly height: number; readonly format: string; readonly bytes: number };
}

/** An image as people see it, to paint over. */
export interface ShownPixels {
  /** [height, width, 4] RGBA, alpha not multiplied into the colours. */
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** What a camera or a program wrote into an image. Null: it does not say. */
export interface CameraDetails {
  readonly make: string | null;
  readonly model: string | null;
  readonly lens: string | null;
  /** ISO 8601 in the camera's own time, with an offset where it is known: 2024-05-01T12:30:00+02:00. */
  readonly takenAt: string | null;
  readonly exposureSeconds: number | null;
  /** The f-number. */
  readonly aperture: number | null;
  readonly iso: number | null;
  /** Millimetres. */
  readonly focalLength: number | null;
  readonly software: string | null;
  /** Whether it says where the picture was taken; where, is nobody's business here. */
  readonly hasPlace: boolean;
}

/** What there is to know of an image without its pixels being read. */
export interface ImageDetails {
  /** PNG, JPEG, GIF, WebP, AVIF, TIFF, BMP, ICO or SVG, by the content. */
  readonly format: string;
  /** Pixels as it is shown, after EXIF orientation; of an icon file the largest of its pictures. */
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  readonly colours: 'rgb' | 'grey' | 'cmyk' | 'other';
  /** Bits a channel; with a palette, bits a pixel. Null: it does not say, or there are no such bits (SVG). */
  readonly bits: number | null;
  readonly palette: boolean;
  /** Whether it can be transparent: it has an alpha channel, or is drawn on nothing. All of it may be opaque all the same. */
  readonly alpha: boolean;
  /** Frames of an animation, or pages of a TIFF; 1 for a still picture. */
  readonly frames: number;
  /** How long an animation takes once, as written; null for all others. */
  readonly milliseconds: number | null;
  /** Pixels an inch; null or 72 where it does not say. */
  readonly density: number | null;
  /** The name of the colour profile in it. */
  readonly profile: string | null;
  /** EXIF orientation, 1 to 8; 1 is upright. */
  readonly orientation: number;
  /** Whether it is stored from coarse to fine: progressive JPEG, interlaced PNG or GIF. */
  readonly progressive: boolean;
  readonly camera: CameraDetails | null;
  /** The pictures of an icon file, the largest first; empty for all others. */
  readonly icons: readonly { readonly width: number; readonly height: number; readonly bits: number }[];
  /** What an SVG says of its size, as written; null for all others. */
  readonly drawing: DrawingSize | null;
}

/** Attributes of the root of an SVG; null where it has none. */
export interface DrawingSize {
  readonly viewBox: string | null;
  readonly width: string | null;
  readonly height: string | null;
}

/** The best rows of a matrix for one query, best first. */
export interface Ranking {
  readonly rows: Uint32Array;
  /** row · weights + bias, aligned with rows. */
  readonly logits: Float32Array;
}

/** Tags of all rows of a matrix, row by row: row r has entries offsets[r] to offsets[r + 1], best first. */
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

/** A linear score of rows: row · weights + bias. */
export interface LinearScores {
  /** [L, D], row-major. */
  readonly weights: Float32Array;
  /** [L] */
  readonly bias: Float32Array;
}

/** What a heatmap is asked about one image. */
export interface HeatmapQuery {
  /**
   * `where`: which cells show what a prompt says, beside the background.
   * `why`: how much each cell adds to the similarity of the image and the prompt, or takes from it.
   */
  readonly kind: 'where' | 'why';
  /** [P, D] row-major, unit rows: one prompt each, or the ensemble of a label's prompts; P ≥ 1. */
  readonly prompts: Float32Array;
  /** [M, D] row-major, unit rows: what `where` tells the prompts from, see heatmap.ts. Not looked at for `why`. */
  readonly background: Float32Array;
}

/** How the cells of a heatmap were scored; see architecture/denseHead.ts and runtime/windows.ts. */
export type HeatmapMethod = 'denseHead' | 'backwardPass' | 'attentionPool' | 'slidingWindow';

/** How heatmaps of a model are made. */
export interface HeatmapMethods {
  readonly where: HeatmapMethod;
  readonly why: HeatmapMethod;
  /** Why not otherwise, where it could be better; a clause for people. */
  readonly because: string | null;
}

/** A grid of cells over an image with a value for each prompt. */
export interface Heatmap {
  readonly columns: number;
  readonly rows: number;
  /**
   * The part of the image that the grid covers, in fractions of its width and height as it is shown. It reaches beyond 0…1 where
   * the image was letterboxed.
   */
  readonly area: { readonly left: number; readonly top: number; readonly width: number; readonly height: number };
  /** [P, rows, columns] row-major. `where`: a probability, 0…1. `why`: a signed share of the similarity. */
  readonly values: Float32Array;
  /** The fixed scale. `where`: [1/(M+1), 1]. `why`: [−m, m] with m the largest magnitude. */
  readonly range: readonly [number, number];
  /** [P] cosine of the whole image and each prompt, as search has it. */
  readonly similarities: Float32Array;
  readonly method: HeatmapMethod;
}

export type Request =
  | { readonly kind: 'embedImages'; readonly images: readonly ImageSource[] }
  | { readonly kind: 'embedTexts'; readonly texts: readonly string[] }
  | { readonly kind: 'thumbnail'; readonly source: KnownImage; readonly box: ThumbnailBox }
  | { readonly kind: 'heatmap'; readonly source: ImageSource; readonly query: HeatmapQuery }
  | { readonly kind: 'imageDetails'; readonly source: ImageSource }
  | { readonly kind: 'shownPixels'; readonly source: ImageSource; readonly box: ShownBox }
  /** Begins a matrix of D columns; one that was there under this key is forgotten. */
  | { readonly kind: 'beginMatrix'; readonly key: string; readonly columns: number }
  | { readonly kind: 'forgetMatrix'; readonly key: string }
  /** float16 rows, row-major; they are widened to float32 on arrival. */
  | { readonly kind: 'appendRows'; readonly key: string; readonly rows: Uint16Array }
  | {
      readonly kind: 'rank';
      readonly key: string;
      readonly query: LinearScores;
      readonly limit: number;
      /** Only these rows compete; all rows without it. */
      readonly among: Uint32Array | null;
    }
  | {
      readonly kind: 'tag';
      readonly key: string;
      readonly labels: LinearScores;
      /** [L] a row carries label j where its logit is at least this. */
      readonly minimum: Float32Array;
      /** Most tags a row. */
      readonly limit: number;
    }
  | { readonly kind: 'moments'; readonly key: string }
  | { readonly kind: 'describe' };

/** Where the encoders run, for people and for diagnostics. */
export interface RuntimeDescription {
  readonly processId: number;
  /** Where the image encoder runs; everything else runs on the processor. */
  readonly provider: Provider;
  /** Images a run of the image encoder. */
  readonly batch: number;
  readonly threads: number;
  readonly imageSession: 'not loaded' | 'loaded';
  readonly textSession: 'not loaded' | 'loaded';
  /** Null as long as it was not tried, which the first heatmap does. */
  readonly heatmaps: HeatmapMethods | null;
}

export interface Replies {
  /** Null where every decoder hangs and the image was not looked at: it is to be asked of a new process. */
  readonly embedImages: (ImageOutcome | null)[];
  /** [texts, embeddingSize] row-major, unit rows. */
  readonly embedTexts: Float32Array;
  /** Null as for an image. */
  readonly thumbnail: Thumbnail | null;
  /** Null as for an image. */
  readonly heatmap: Heatmap | null;
  readonly imageDetails: ImageDetails | null;
  /** Null as for an image. */
  readonly shownPixels: ShownPixels | null;
  readonly beginMatrix: null;
  readonly forgetMatrix: null;
  readonly appendRows: null;
  readonly rank: Ranking;
  readonly tag: SparseTags;
  readonly moments: Moments;
  readonly describe: RuntimeDescription;
}

/** Parent → child. `cancel` names an earlier request; its reply is then a failure of kind `cancelled`. */
export type ToHost =
  | { readonly type: 'request'; readonly id: number; readonly request: Request }
  | { readonly type: 'cancel'; readonly id: number };

/**
 * Child → parent. `ready` comes once, when the native modules are loaded; `alive` now and then during long work. `stuck` says that every thread is held by a decoder
 * that hangs and cannot be stopped: the child answers what it was asked, and is to be ended then. `onGpu` says when the GPU is
 * given work and when it is done, for a process that dies meanwhile; `gpuLost`, once, that it failed at something that the processor
 * did, and that the processor does all from here on.
 */
export type FromHost =
  | { readonly type: 'ready' }
  | { readonly type: 'alive' }
  | { readonly type: 'stuck' }
  | { readonly type: 'onGpu'; readonly busy: boolean }
  | { readonly type: 'gpuLost'; readonly reason: string }
  | { readonly type: 'reply'; readonly id: number; readonly reply: Replies[keyof Replies] }
  | {
      readonly type: 'failure';
      readonly id: number;
      readonly failure: {
        readonly kind: 'human' | 'bug' | 'cancelled';
        readonly message: string;
        readonly stack: string;
      };
    };

/** What the child is started with (its only command-line argument, as JSON). */
export interface HostOptions {
  readonly modelFolder: string;
  /** Of the image encoder. */
  readonly device: Provider;
  /** Images a run of the image encoder there. */
  readonly batch: number;
  readonly threads: number;
  /** A session unused this long is released. */
  readonly sessionIdleMilliseconds: number;
  /** Where thumbnails are kept beyond the process, and how many bytes of them. */
  readonly thumbnailFolder?: { readonly folder: string; readonly bytes: number } | undefined;
}
