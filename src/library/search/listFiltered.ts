import type { Library } from '../library.ts';
import type { EmbeddingMatrix } from '../store/embeddingMatrix.ts';
import type { PathRestriction } from './pathRestriction.ts';
import { resultsOf, type FoundBlob } from './results.ts';
import type { SearchOptions, SearchResult } from './searchOptions.ts';

/**
 * Lists the images that pass the filters of a query without terms: those that a colour covers most first, or else by
 * path.
 * @param shares the share that the colours of the query cover, by blob id; undefined without color: filters
 */
export function listFiltered(
  library: Library,
  matrix: EmbeddingMatrix,
  { passes, rows }: PathRestriction,
  shares: ReadonlyMap<number, number> | undefined,
  options: SearchOptions,
): SearchResult[] {
  const blobs = rows ? Array.from(rows, (row) => matrix.blobs[row] ?? 0) : [...matrix.blobs];
  const found = blobs.map((blob): FoundBlob => {
    return { blob, score: shares?.get(blob) ?? 1, likely: true, named: false, basis: 'filter' };
  });
  if (shares) return resultsOf(library, found, { ...options, passes });
  // All scores are equal, so the paths of all blobs decide which are first.
  const { limit } = options;
  const all = resultsOf(library, found, { ...options, limit: Infinity, passes });
  return all.sort((a, b) => (a.path < b.path ? -1 : 1)).slice(0, limit);
}
