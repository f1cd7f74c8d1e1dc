import { posixRelative } from '../../base/paths.ts';
import type { QueryTerm } from '../../clip/index.ts';
import type { Library } from '../library.ts';
import { number } from '../store/rows.ts';
import { inside } from '../store/store.ts';
import { restrictPaths } from './pathRestriction.ts';
import type { PathFilter } from './query.ts';
import { embedImage, findImage } from './queryTerms.ts';
import { bestRows, rankRows } from './ranking.ts';
import { resultsOf, type FoundBlob } from './results.ts';
import { DEFAULT_LIMIT, type SearchOptions, type SearchResult } from './searchOptions.ts';

export interface SimilarOptions extends SearchOptions {
  readonly filters?: readonly PathFilter[] | undefined;
}

/** Maximum score of an image that is not a copy. */
const ALMOST_SAME = 0.9999;

/**
 * Finds the images that look like an image, without that image: its copies first, with a score of 1, then the likely
 * ones, each part by cosine.
 * @param image absolute path, or a relative one as in a query; the image need not be in the index
 * @throws UserError if the image cannot be read
 */
export async function findSimilar(
  library: Library,
  image: string,
  options: SimilarOptions = {},
): Promise<SearchResult[]> {
  const { filters = [], limit = DEFAULT_LIMIT, signal } = options;
  const file = await findImage(library, image, options.from);
  const { embedding, hash } = await embedImage(library, file, signal);
  const matrix = await library.matrix();
  const { passes, rows } = await restrictPaths(library, matrix, filters, options);
  if (limit < 1 || (rows ?? matrix.blobs).length === 0) return [];
  const copy = blobOf(library, hash);
  const others = (rows ?? Uint32Array.from(matrix.blobs.keys())).filter((row) => matrix.blobs[row] !== copy);
  const term: QueryTerm = { modality: 'image', weight: 1, embedding };
  const ranking = await rankRows(library, matrix, { texts: [], images: [term] }, others, { limit, signal });
  const cosineScores = { weights: embedding, bias: new Float32Array(1) };
  const cosines = await bestRows(library, matrix, cosineScores, { limit: limit + 1, among: rows, signal });
  // The calibrated ranking determines how many images are likely. The cosines, which are shown, determine which of
  // them.
  let likelyLeft = [...ranking.logits.values()].filter((logit) => logit >= ranking.least).length;
  const found = Array.from(cosines, ([row, cosine]): FoundBlob => {
    const blob = matrix.blobs[row] ?? 0;
    const isCopy = blob === copy;
    // Embeddings are rounded to float16, so the cosine of a copy may be below 1, and that of another image may be 1.
    const score = isCopy ? 1 : Math.min(ALMOST_SAME, cosine);
    return { blob, score, likely: isCopy || likelyLeft-- > 0, named: false, basis: 'picture' };
  });
  return resultsOf(library, found, { ...options, passes, except: posixRelative(library.root, file) });
}

function blobOf(library: Library, hash: string): number | undefined {
  const row = library[inside].database.get('SELECT id FROM blobs WHERE hash = ?', hash);
  return row && number(row, 'id');
}
