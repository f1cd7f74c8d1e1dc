import { stat } from 'node:fs/promises';
import path from 'node:path';
import { confidenceOf, confidenceScores, HumanError, promptsOf, queryDirection } from '../clip/index.ts';
import type { LinearScores, QueryTerm } from '../clip/index.ts';
import type { EmbeddingMatrix } from './embeddingMatrix.ts';
import { rowOf } from './embeddingMatrix.ts';
import { float16Vector } from './float16.ts';
import { contentsWhere, imagesOfContents, type IndexedImage } from './images.ts';
import type { Library } from './library.ts';
import { pathMatcher } from './pathFilter.ts';
import { parseQuery, type ParsedTerm, type PathFilter, type Query } from './query.ts';
import { number, text } from './rows.ts';
import { inside, storedEmbedding } from './store.ts';
import { promptVectors } from './textVectors.ts';

export interface SearchResult extends IndexedImage {
  /** Of a search: confidence, 0 to 1. Of findSimilar: cosine, -1 to 1. */
  readonly score: number;
  /** Other paths of the same content that pass the query's filters; empty where copies have lines of their own. */
  readonly copies: readonly string[];
}

export interface SearchOptions {
  /** Most results. Default: 50. */
  readonly limit?: number | undefined;
  /** Results below this score are left out. */
  readonly minimum?: number | undefined;
  /** One result a content, with its other paths in `copies`. Default: one result a path. */
  readonly collapseCopies?: boolean | undefined;
  /** What words are put into before they are encoded. Default: the words alone. */
  readonly templates?: readonly string[] | undefined;
  /** Folder that relative paths of images in a query start from, if not the root. */
  readonly from?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The images that a query describes, best first.
 * @throws HumanError where the query has a mistake or names an image that cannot be read
 */
export async function search(
  library: Library,
  query: string | Query,
  options: SearchOptions = {},
): Promise<SearchResult[]> {
  const { terms, filters } = typeof query === 'string' ? parseQuery(query) : query;
  const embedded = await embedTerms(library, terms, options);
  const matrix = await library.matrix();
  if (matrix.contents.length === 0) return [];
  const distribution = await library.distribution(matrix, options.signal);
  const calibration = await library.calibration();
  const direction = queryDirection(embedded, distribution, calibration);
  const scores = confidenceScores([direction], distribution, calibration);
  return ranked(library, matrix, scores, confidenceOf, filters, options);
}

/**
 * The images that look like one, best first, without the image itself; copies of it come first, with a score of 1.
 * @param image path, absolute or relative as in a query; it need not be in the index
 * @throws HumanError where it cannot be read
 */
export async function findSimilar(
  library: Library,
  image: string,
  options: Omit<SearchOptions, 'templates'> & { readonly filters?: readonly PathFilter[] | undefined } = {},
): Promise<SearchResult[]> {
  const file = await locate(library, image, options.from);
  const vector = await imageVector(library, file, options.signal);
  const matrix = await library.matrix();
  // Rows are rounded to float16, so a cosine may come out a little above 1.
  const scores = { weights: vector, bias: new Float32Array(1) };
  const itself = relativePath(library, file);
  const { limit = 50 } = options;
  const wider = { ...options, limit: limit + 1 };
  const results = await ranked(
    library,
    matrix,
    scores,
    (cosine) => Math.min(1, cosine),
    options.filters ?? [],
    wider,
    itself,
  );
  return results.slice(0, limit);
}

async function ranked(
  library: Library,
  matrix: EmbeddingMatrix,
  scores: LinearScores,
  scoreOf: (logit: number) => number,
  filters: readonly PathFilter[],
  { limit = 50, minimum, collapseCopies = false, signal }: SearchOptions,
  except?: string,
): Promise<SearchResult[]> {
  const passes = pathMatcher(filters);
  const among = filters.length > 0 ? await rowsWhere(library, matrix, passes) : undefined;
  if (limit < 1 || (among ?? matrix.contents).length === 0) return [];
  signal?.throwIfAborted();
  const rankOptions = among ? { limit, among } : { limit };
  const { rows, logits } = await library.inference.rank(matrix.source, scores, rankOptions, signal);
  const ids = Array.from(rows, (row) => matrix.contents[row] ?? 0);
  const images = imagesOfContents(library[inside].database, ids);
  const results: SearchResult[] = [];
  for (const [i, id] of ids.entries()) {
    const score = scoreOf(logits[i] ?? 0);
    if (minimum !== undefined && score < minimum) break;
    const [first, ...others] = (images.get(id) ?? []).filter(({ path }) => path !== except && passes(path));
    if (!first) continue; // its last file went away while we ranked
    if (collapseCopies) results.push({ ...first, score, copies: others.map((other) => other.path) });
    else for (const image of [first, ...others]) results.push({ ...image, score, copies: [] });
  }
  return results.slice(0, limit);
}

async function rowsWhere(
  library: Library,
  { contents }: EmbeddingMatrix,
  passes: (file: string) => boolean,
): Promise<Uint32Array> {
  const found = await contentsWhere(library[inside].database, passes);
  const rows = Array.from(found, (id) => rowOf(contents, id)).filter((row) => row >= 0);
  return Uint32Array.from(rows).sort();
}

async function embedTerms(
  library: Library,
  terms: readonly ParsedTerm[],
  { templates = ['{}'], from, signal }: SearchOptions,
): Promise<QueryTerm[]> {
  const texts = terms.filter((term) => term.kind === 'text');
  const prompts = texts.map(({ text }) => promptsOf({ name: text }, templates));
  const vectors = prompts.length > 0 ? await promptVectors(library, prompts, signal) : [];
  const embedded: QueryTerm[] = texts.map(({ weight }, i) => {
    return { modality: 'text', weight, embedding: vectors[i] ?? new Float32Array(library[inside].model.columns) };
  });
  for (const term of terms) {
    if (term.kind !== 'image') continue;
    const embedding = await imageVector(library, await locate(library, term.path, from), signal);
    embedded.push({ modality: 'image', weight: term.weight, embedding });
  }
  return embedded;
}

/** The file that a query names: below `from`, or else below the root. */
async function locate(library: Library, file: string, from: string | undefined): Promise<string> {
  const candidates = [...new Set([path.resolve(from ?? library.root, file), path.resolve(library.root, file)])];
  for (const candidate of candidates) {
    const found = await stat(candidate).then(
      (entry) => entry.isFile(),
      () => false,
    );
    if (found) return candidate;
  }
  throw new HumanError(`There is no image ${candidates.join(' or ')}. Check the path; quote it where it has spaces.`);
}

function relativePath(library: Library, file: string): string {
  return path.relative(library.root, file).split(path.sep).join('/');
}

/** From the index where the file is there unchanged, else from the encoder; nothing is stored. */
async function imageVector(library: Library, file: string, signal?: AbortSignal): Promise<Float32Array> {
  const { size, mtimeMs } = await stat(file);
  const row = library[inside].database.get(
    'SELECT hash, size, mtime FROM files f JOIN contents c ON c.id = f.content WHERE path = ?',
    relativePath(library, file),
  );
  if (row && number(row, 'size') === size && number(row, 'mtime') === mtimeMs) {
    const stored = storedEmbedding(library[inside].database, library[inside].model, text(row, 'hash'));
    if (stored) return float16Vector(stored);
  }
  const [outcome] = await library.inference.embedImages([{ kind: 'file', path: file }], signal);
  if (outcome?.ok) return outcome.embedding;
  throw new HumanError(`The image ${file} cannot be used: ${outcome?.reason ?? 'no answer'}.`);
}
