import type { IndexedImage } from '../images.ts';
import type { ColourFilter } from './query.ts';

export interface SearchResult extends IndexedImage {
  /** For search: confidence, 0 to 1. For findSimilar: cosine, -1 to 1; 1 only for copies. */
  readonly score: number;
  /** Whether the image stands out from the noise of this query (see noise.ts), or its name matches the query. */
  readonly likely: boolean;
  /**
   * The reason why the image is a result. `name`: it is likely only because of its name, and its score says little.
   * `filter`: the query has only filters; the score is the share that a color: filter covers, or 1.
   */
  readonly basis: 'picture' | 'name' | 'filter';
  /** Whether its path contains the words of the query; false if names do not count. */
  readonly named: boolean;
  /** Paths of the copies, and of the other sizes if results are stacked; empty if each is a separate result. */
  readonly copies: readonly string[];
}

export interface SearchOptions {
  /** Maximum number of results. Default: 50. */
  readonly limit?: number | undefined;
  /** Minimum score of a result. Default: none. */
  readonly minimum?: number | undefined;
  /** Colours that the images must have, in addition to the filters of the query. */
  readonly colours?: readonly ColourFilter[] | undefined;
  /** Whether to return one result per blob, with its other paths in `copies`. Default: one result per path. */
  readonly collapseCopies?: boolean | undefined;
  /**
   * Whether to return one result per picture, with its copies and other sizes in `copies`; includes collapseCopies.
   * Default: false.
   */
  readonly stack?: boolean | undefined;
  /** Restricts the results to paths that pass, in addition to the filters of the query. */
  readonly where?: ((file: string) => boolean) | undefined;
  /** Name of the folder that the user sees before the paths, so that path: filters can contain it. Default: none. */
  readonly shownBelow?: string | undefined;
  /** Folder that relative paths of images in a query start from, before the root. */
  readonly from?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export const DEFAULT_LIMIT = 50;
