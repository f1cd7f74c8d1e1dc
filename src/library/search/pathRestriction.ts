import { pathMatcher } from '../files/pathFilter.ts';
import { blobsWhere } from '../images.ts';
import type { Library } from '../library.ts';
import { rowOf, type EmbeddingMatrix } from '../store/embeddingMatrix.ts';
import { inside } from '../store/store.ts';
import type { PathFilter } from './query.ts';
import type { SearchOptions } from './searchOptions.ts';

/** The files that a search may return. */
export interface PathRestriction {
  readonly passes: (file: string) => boolean;
  /** Rows of the matrix that have at least one such file, ascending; undefined if every file passes. */
  readonly rows: Uint32Array | undefined;
}

/** @throws UserError if a glob is not valid */
export async function restrictPaths(
  library: Library,
  matrix: EmbeddingMatrix,
  filters: readonly PathFilter[],
  { where }: Pick<SearchOptions, 'where'>,
): Promise<PathRestriction> {
  const matches = pathMatcher(filters);
  const passes = where ? (file: string): boolean => where(file) && matches(file) : matches;
  if (filters.length === 0 && !where) return { passes, rows: undefined };
  const blobs = await blobsWhere(library[inside].database, passes);
  const rows = Array.from(blobs, (id) => rowOf(matrix.blobs, id)).filter((row) => row >= 0);
  return { passes, rows: Uint32Array.from(rows).sort() };
}
