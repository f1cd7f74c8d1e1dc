/**
 * What the inference process (host.ts) and its client (client.ts) say to each other. Both sides compile against this file alone.
 * Messages travel by child_process IPC with advanced serialization: typed arrays arrive as typed arrays.
 */

import type { Heatmap, HeatmapMethods, HeatmapQuery } from '../heatmaps/types.ts';
import type {
  ImageDetails,
  ImageOutcome,
  ImageSource,
  KnownImage,
  ShownBox,
  ShownPixels,
  Thumbnail,
  ThumbnailBox,
} from '../images/types.ts';
import type { LinearScores, Moments, Ranking, SparseTags } from '../scoring/types.ts';
import type { Provider } from './device/providers.ts';

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
