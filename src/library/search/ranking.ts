import type { QueryTerm, RankingScores } from '../../clip/index.ts';
import { LabelScorer, type TextTerm } from '../labels/labelScorer.ts';
import type { Library } from '../library.ts';
import type { EmbeddingMatrix } from '../store/embeddingMatrix.ts';
import { countAboveNoise } from './noise.ts';
import { DEFAULT_LIMIT, type SearchOptions } from './searchOptions.ts';

/** Number of the best rows that are examined to find where the noise begins. */
const ABOVE_NOISE = 5000;

/** The best rows of the embedding matrix for a query. */
export interface Ranking {
  /** Logits of the confidences by row, best first; at least as many as there may be results. */
  readonly logits: ReadonlyMap<number, number>;
  /** The lowest logit above the noise; infinite if all rows are noise. */
  readonly least: number;
  /** Returns the logits of further rows. */
  logitsOf(rows: readonly number[]): Promise<Map<number, number>>;
}

/** The terms of a query. */
export interface QueryTerms {
  readonly texts: readonly TextTerm[];
  readonly images: readonly QueryTerm[];
}

/** @param rows rows of the matrix to rank, ascending; undefined for all */
export async function rankRows(
  library: Library,
  matrix: EmbeddingMatrix,
  { texts, images }: QueryTerms,
  rows: Uint32Array | undefined,
  { limit = DEFAULT_LIMIT, signal }: Pick<SearchOptions, 'limit' | 'signal'>,
): Promise<Ranking> {
  const scorer = await LabelScorer.load(library, matrix, signal);
  const { scores, deviationOf } = await scorer.scoreQuery(texts, images, signal);
  const candidates = (rows ?? matrix.blobs).length;
  signal?.throwIfAborted();
  const rank = (most: number, among?: Uint32Array): Promise<Map<number, number>> =>
    bestRows(library, matrix, scores, { limit: most, among, signal });
  const logits = await rank(Math.min(candidates, Math.max(limit, ABOVE_NOISE)), rows);
  const deviations = Array.from(logits.values(), deviationOf);
  const least = [...logits.values()][countAboveNoise(deviations, candidates) - 1] ?? Infinity;
  return { logits, least, logitsOf: (more) => rank(more.length, Uint32Array.from(more).sort()) };
}

export interface BestRowsOptions {
  readonly limit: number;
  /** Rows to rank, ascending. Default: all. */
  readonly among?: Uint32Array | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Returns the rows with the highest scores and their scores, best first. */
export async function bestRows(
  library: Library,
  { source }: EmbeddingMatrix,
  scores: RankingScores,
  { limit, among, signal }: BestRowsOptions,
): Promise<Map<number, number>> {
  if (limit < 1 || among?.length === 0) return new Map();
  const { rows, logits } = await library.inference.rank(source, scores, { limit, ...(among && { among }) }, signal);
  return new Map(Array.from(rows, (row, i) => [row, logits[i] ?? 0]));
}
