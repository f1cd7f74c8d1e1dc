import { confidenceOf } from '../../clip/index.ts';
import type { Library } from '../library.ts';
import { rowOf } from '../store/embeddingMatrix.ts';
import { blobsOfColours, colourEvidence, wantedColours } from './colours/colourEvidence.ts';
import { listFiltered } from './listFiltered.ts';
import { nameEvidence, type NameEvidence } from './nameEvidence.ts';
import type { NamedLabel } from './nameSynonyms.ts';
import { restrictPaths } from './pathRestriction.ts';
import { parseQuery, type Query } from './query.ts';
import { imageTerms, textTerms, type TermOptions } from './queryTerms.ts';
import { rankRows } from './ranking.ts';
import { resultsOf, type FoundBlob } from './results.ts';
import type { SearchOptions, SearchResult } from './searchOptions.ts';

export interface TextSearchOptions extends SearchOptions, TermOptions {
  /** Whether words in the names of files and folders count in addition to the picture. Default: false. */
  readonly names?: boolean | undefined;
  /** Labels whose synonyms count in names, too. Default: none. */
  readonly labels?: readonly NamedLabel[] | undefined;
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
  const { terms, filters, colours } = typeof query === 'string' ? parseQuery(query) : query;
  const queryTerms = { texts: textTerms(terms, options), images: await imageTerms(library, terms, options) };
  const matrix = await library.matrix();
  const colourFilters = [...colours, ...(options.colours ?? [])];
  const shares = colourFilters.length > 0 ? await blobsOfColours(library, colourFilters) : undefined;
  const blobs = shares && new Set(shares.keys());
  const restriction = await restrictPaths(library, matrix, filters, { ...options, blobs });
  const { passes, rows } = restriction;
  if ((rows ?? matrix.blobs).length === 0) return [];
  if (terms.length === 0) return listFiltered(library, matrix, restriction, shares, options);
  const ranking = await rankRows(library, matrix, queryTerms, rows, options);
  const names = options.names
    ? await nameEvidence(library, terms, options.labels ?? [], restriction)
    : new Map<number, NameEvidence>();
  const named = Array.from(names.keys(), (blob) => rowOf(matrix.blobs, blob)).filter((row) => row >= 0);
  const logits = new Map([...(await ranking.logitsOf(named)), ...ranking.logits]);
  const blobOf = (row: number): number => matrix.blobs[row] ?? 0;
  const colourLogits = colourEvidence(library, wantedColours(terms), Array.from(logits.keys(), blobOf));
  const found = Array.from(logits, ([row, logit]): FoundBlob => {
    const blob = blobOf(row);
    const name = names.get(blob);
    const seen = logit + (colourLogits.get(blob) ?? 0);
    const sum = seen + (name?.logit ?? 0);
    const isNamed = name?.named ?? false;
    const basis = isNamed && seen < ranking.least ? 'name' : 'picture';
    const likely = isNamed || sum >= ranking.least;
    return { blob, score: confidenceOf(sum), likely, named: isNamed, basis, path: name?.path };
  });
  return resultsOf(library, found, { ...options, passes });
}
