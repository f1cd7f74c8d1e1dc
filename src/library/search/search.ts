import { confidenceOf } from '../../clip/index.ts';
import type { Library } from '../library.ts';
import { rowOf } from '../store/embeddingMatrix.ts';
import { nameEvidence, type NameEvidence } from './nameEvidence.ts';
import { restrictPaths } from './pathRestriction.ts';
import { parseQuery, type Query } from './query.ts';
import { imageTerms, textTerms, type TermOptions } from './queryTerms.ts';
import { rankRows } from './ranking.ts';
import { resultsOf, type FoundBlob } from './results.ts';
import type { SearchOptions, SearchResult } from './searchOptions.ts';

export interface TextSearchOptions extends SearchOptions, TermOptions {
  /** Whether words in the names of files and folders count in addition to the picture. Default: false. */
  readonly names?: boolean | undefined;
}

/**
 * Finds the images that match a query: the likely ones first, each part by confidence.
 * @throws UserError if the query has a mistake or names an image that cannot be read
 */
export async function search(
  library: Library,
  query: string | Query,
  options: TextSearchOptions = {},
): Promise<SearchResult[]> {
  const { terms, filters } = typeof query === 'string' ? parseQuery(query) : query;
  const queryTerms = { texts: textTerms(terms, options), images: await imageTerms(library, terms, options) };
  const matrix = await library.matrix();
  const restriction = await restrictPaths(library, matrix, filters, options);
  const { passes, rows } = restriction;
  if ((rows ?? matrix.blobs).length === 0) return [];
  const ranking = await rankRows(library, matrix, queryTerms, rows, options);
  const names = options.names ? await nameEvidence(library, terms, restriction) : new Map<number, NameEvidence>();
  const named = Array.from(names.keys(), (blob) => rowOf(matrix.blobs, blob)).filter((row) => row >= 0);
  const logits = new Map([...(await ranking.logitsOf(named)), ...ranking.logits]);
  const found = Array.from(logits, ([row, logit]): FoundBlob => {
    const blob = matrix.blobs[row] ?? 0;
    const name = names.get(blob);
    const sum = logit + (name?.logit ?? 0);
    const isNamed = name?.named ?? false;
    const likely = isNamed || sum >= ranking.least;
    return { blob, score: confidenceOf(sum), likely, named: isNamed, path: name?.path };
  });
  return resultsOf(library, found, { ...options, passes });
}
