import { imagesOfBlobs } from '../images.ts';
import type { Library } from '../library.ts';
import { inside } from '../store/store.ts';
import { DEFAULT_LIMIT, type SearchOptions, type SearchResult } from './searchOptions.ts';

/** A blob that a search found. */
export interface FoundBlob extends Pick<SearchResult, 'score' | 'likely' | 'named' | 'basis'> {
  readonly blob: number;
  /** The file to list first if the blob has several. */
  readonly path?: string | undefined;
}

export interface ResultOptions extends Pick<SearchOptions, 'limit' | 'minimum' | 'collapseCopies'> {
  readonly passes: (file: string) => boolean;
  /** Path of a file to skip. */
  readonly except?: string | undefined;
}

/** Returns the files of the blobs that were found: the likely ones first, each part by score. */
export function resultsOf(library: Library, found: readonly FoundBlob[], options: ResultOptions): SearchResult[] {
  const { limit = DEFAULT_LIMIT, minimum = -Infinity, collapseCopies = false, passes, except } = options;
  const sorted = found.toSorted((a, b) => Number(b.likely) - Number(a.likely) || b.score - a.score || a.blob - b.blob);
  // One more than the limit, because `except` may be among them.
  const best = sorted.filter(({ score }) => score >= minimum).slice(0, limit + 1);
  const images = imagesOfBlobs(
    library[inside].database,
    best.map(({ blob }) => blob),
  );
  const results: SearchResult[] = [];
  for (const { blob, path: preferred, ...scores } of best) {
    const files = (images.get(blob) ?? []).filter(({ path }) => path !== except && passes(path));
    const [first, ...others] = files.sort((a, b) => Number(b.path === preferred) - Number(a.path === preferred));
    if (!first) continue; // the last file of the blob was removed during the search
    if (collapseCopies) results.push({ ...first, ...scores, copies: others.map(({ path }) => path) });
    else for (const image of [first, ...others]) results.push({ ...image, ...scores, copies: [] });
  }
  return results.slice(0, limit);
}
