import { stat } from 'node:fs/promises';
import path from 'node:path';
import { posixRelative } from '../../base/paths.ts';
import { confidenceOf, UserError, promptsOf } from '../../clip/index.ts';
import type { QueryTerm } from '../../clip/index.ts';
import type { EmbeddingMatrix } from '../store/embeddingMatrix.ts';
import { rowOf } from '../store/embeddingMatrix.ts';
import { float16Vector } from '../../base/float16.ts';
import { blobsWhere, imagesOfBlobs, type IndexedImage } from '../images.ts';
import type { Library } from '../library.ts';
import { nameEvidence, type NameEvidence } from './nameEvidence.ts';
import { countAboveNoise } from './noise.ts';
import { pathMatcher } from '../files/pathFilter.ts';
import { parseQuery, type ParsedTerm, type PathFilter, type Query } from './query.ts';
import { number, text } from '../store/rows.ts';
import { inside, storedEmbedding } from '../store/store.ts';
import { LabelScorer, type TextTerm } from '../labels/labelScorer.ts';

export interface SearchResult extends IndexedImage {
  /** Of a search: confidence, 0 to 1. Of findSimilar: cosine, -1 to 1; 1 for copies alone. */
  readonly score: number;
  /** Whether it stands out of the noise of this query (see noise.ts), or its name says what is looked for. */
  readonly likely: boolean;
  /** Whether its path has the words of the query; false where names do not count. */
  readonly named: boolean;
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
 * The images that a query describes: the likely ones first, each part by confidence.
 * @param options.names whether words in the names of files and folders count besides the picture. Default: false
 * @throws UserError where the query has a mistake or names an image that cannot be read
 */
export async function search(
  library: Library,
  query: string | Query,
  options: SearchOptions & { readonly names?: boolean | undefined } = {},
): Promise<SearchResult[]> {
  const { terms, filters } = typeof query === 'string' ? parseQuery(query) : query;
  const images = await embedImages(library, terms, options);
  const matrix = await library.matrix();
  const passes = pathMatcher(filters);
  const among = filters.length > 0 ? await rowsWhere(library, matrix, passes) : undefined;
  if ((among ?? matrix.contents).length === 0) return [];
  const best = await bestRows(library, matrix, { texts: textTerms(terms, options), images }, among, options);
  const names = options.names ? await nameEvidence(library, terms, filters) : new Map<number, NameEvidence>();
  const logits = await best.logitsOf(
    [...names.keys()].map((id) => rowOf(matrix.contents, id)).filter((row) => row >= 0),
  );
  for (const [row, logit] of best.logits) logits.set(row, logit);
  const found = Array.from(logits, ([row, logit]): Found => {
    const content = matrix.contents[row] ?? 0;
    const name = names.get(content);
    const named = name?.named ?? false;
    const both = logit + (name?.logit ?? 0);
    return { content, score: confidenceOf(both), likely: named || both >= best.least, named, path: name?.path };
  });
  return resultsOf(library, found, passes, options);
}

/**
 * The images that look like one, without the image itself: copies of it first, with a score of 1, then the likely ones, each part
 * by cosine.
 * @param image path, absolute or relative as in a query; it need not be in the index
 * @throws UserError where it cannot be read
 */
export async function findSimilar(
  library: Library,
  image: string,
  options: Omit<SearchOptions, 'templates'> & { readonly filters?: readonly PathFilter[] | undefined } = {},
): Promise<SearchResult[]> {
  const file = await locate(library, image, options.from);
  const { embedding, hash } = await embedImage(library, file, options.signal);
  const matrix = await library.matrix();
  const { filters = [], limit = 50, signal } = options;
  const passes = pathMatcher(filters);
  const among = filters.length > 0 ? await rowsWhere(library, matrix, passes) : undefined;
  if (limit < 1 || (among ?? matrix.contents).length === 0) return [];
  const copy = contentOf(library, hash);
  const others = (among ?? Uint32Array.from(matrix.contents.keys())).filter((row) => matrix.contents[row] !== copy);
  const term: QueryTerm = { modality: 'image', weight: 1, embedding };
  const best = await bestRows(library, matrix, { texts: [], images: [term] }, others, { limit, signal });
  const cosines = { weights: embedding, bias: new Float32Array(1) };
  const rankOptions = among ? { limit: limit + 1, among } : { limit: limit + 1 };
  const { rows, logits } = await library.inference.rank(matrix.source, cosines, rankOptions, signal);
  // How many stand out of the noise is told by the centred direction; which, by the cosine that is shown, lest the two disagree.
  let standOut = [...best.logits.values()].filter((logit) => logit >= best.least).length;
  const found = Array.from(rows, (row, i): Found => {
    const content = matrix.contents[row] ?? 0;
    // Rows are rounded to float16: the cosine of another content may come out as 1, and that of a copy a little off.
    const score = content === copy ? 1 : Math.min(ALMOST, logits[i] ?? 0);
    const likely = content === copy || standOut-- > 0; // rows come best first
    return { content, score, likely, named: false };
  });
  return resultsOf(library, found, passes, options, relativePath(library, file));
}

/** The greatest cosine of an image that is no copy. */
const ALMOST = 0.9999;

/** A content of the index, and how it answers the query. */
type Found = Pick<SearchResult, 'score' | 'likely' | 'named'> & {
  readonly content: number;
  /** The file to name first where it has several. */
  readonly path?: string | undefined;
};

/** Of long lists, how many of the best are looked at for where noise begins. */
const ABOVE_NOISE = 5000;

interface BestRows {
  /** At least as many as there may be results, with the logits of their confidences. */
  readonly logits: ReadonlyMap<number, number>;
  /** The least logit above the noise; infinite where all is noise. */
  readonly least: number;
  /** Logits of further rows. */
  logitsOf(rows: readonly number[]): Promise<Map<number, number>>;
}

async function bestRows(
  library: Library,
  matrix: EmbeddingMatrix,
  { texts, images: imageTerms }: { readonly texts: readonly TextTerm[]; readonly images: readonly QueryTerm[] },
  among: Uint32Array | undefined,
  { limit = 50, signal }: SearchOptions,
): Promise<BestRows> {
  const scorer = await LabelScorer.load(library, matrix, signal);
  const { scores, deviationOf } = await scorer.scoreQuery(texts, imageTerms, signal);
  const images = (among ?? matrix.contents).length;
  signal?.throwIfAborted();
  const rank = async (most: number, rows?: Uint32Array): Promise<Map<number, number>> => {
    if (most < 1 || rows?.length === 0) return new Map();
    const rankOptions = rows ? { limit: most, among: rows } : { limit: most };
    const ranking = await library.inference.rank(matrix.source, scores, rankOptions, signal);
    return new Map(Array.from(ranking.rows, (row, i) => [row, ranking.logits[i] ?? 0]));
  };
  const logits = await rank(Math.min(images, Math.max(limit, ABOVE_NOISE)), among);
  const deviations = Array.from(logits.values(), deviationOf);
  const least = [...logits.values()][countAboveNoise(deviations, images) - 1] ?? Infinity;
  return { logits, least, logitsOf: (rows) => rank(rows.length, Uint32Array.from(rows).sort()) };
}

/** The files of what was found, best first, without one that is looked from. */
function resultsOf(
  library: Library,
  found: Found[],
  passes: (file: string) => boolean,
  { limit = 50, minimum = -Infinity, collapseCopies = false }: SearchOptions,
  except?: string,
): SearchResult[] {
  found.sort((a, b) => Number(b.likely) - Number(a.likely) || b.score - a.score || a.content - b.content);
  // One more than asked for: the exception may be among them.
  const best = found.filter(({ score }) => score >= minimum).slice(0, limit + 1);
  const images = imagesOfBlobs(
    library[inside].database,
    best.map(({ content }) => content),
  );
  const results: SearchResult[] = [];
  for (const { content, path: preferred, ...answer } of best) {
    const files = (images.get(content) ?? []).filter(({ path }) => path !== except && passes(path));
    const [first, ...others] = files.sort((a, b) => Number(b.path === preferred) - Number(a.path === preferred));
    if (!first) continue; // its last file went away while we ranked
    if (collapseCopies) results.push({ ...first, ...answer, copies: others.map((other) => other.path) });
    else for (const image of [first, ...others]) results.push({ ...image, ...answer, copies: [] });
  }
  return results.slice(0, limit);
}

async function rowsWhere(
  library: Library,
  { contents }: EmbeddingMatrix,
  passes: (file: string) => boolean,
): Promise<Uint32Array> {
  const found = await blobsWhere(library[inside].database, passes);
  const rows = Array.from(found, (id) => rowOf(contents, id)).filter((row) => row >= 0);
  return Uint32Array.from(rows).sort();
}

function textTerms(terms: readonly ParsedTerm[], { templates = ['{}'] }: SearchOptions): TextTerm[] {
  const texts = terms.filter((term) => term.kind === 'text');
  return texts.map(({ text, weight }) => {
    const label = { name: text };
    return { label, prompts: promptsOf(label, templates), weight };
  });
}

async function embedImages(
  library: Library,
  terms: readonly ParsedTerm[],
  { from, signal }: SearchOptions,
): Promise<QueryTerm[]> {
  const embedded: QueryTerm[] = [];
  for (const term of terms) {
    if (term.kind !== 'image') continue;
    const { embedding } = await embedImage(library, await locate(library, term.path, from), signal);
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
  throw new UserError(`There is no image ${candidates.join(' or ')}. Check the path; quote it where it has spaces.`);
}

function relativePath(library: Library, file: string): string {
  return posixRelative(library.root, file);
}

interface EmbeddedFile {
  readonly embedding: Float32Array;
  /** SHA-256 of its content in hex. */
  readonly hash: string;
}

/** From the index where the file is there unchanged, else from the encoder; nothing is stored. */
async function embedImage(library: Library, file: string, signal?: AbortSignal): Promise<EmbeddedFile> {
  const { size, mtimeMs } = await stat(file);
  const row = library[inside].database.get(
    'SELECT hash, size, mtime FROM files f JOIN contents c ON c.id = f.content WHERE path = ?',
    relativePath(library, file),
  );
  if (row && number(row, 'size') === size && number(row, 'mtime') === mtimeMs) {
    const hash = text(row, 'hash');
    const stored = storedEmbedding(library[inside].database, library[inside].model, hash);
    if (stored) return { embedding: float16Vector(stored), hash };
  }
  const [outcome] = await library.inference.embedImages([{ kind: 'file', path: file }], signal);
  if (outcome?.ok) return outcome;
  throw new UserError(`The image ${file} cannot be used: ${outcome?.reason ?? 'no answer'}.`);
}

function contentOf(library: Library, hash: string): number | undefined {
  const row = library[inside].database.get('SELECT id FROM contents WHERE hash = ?', hash);
  return row && number(row, 'id');
}
