import { stat } from 'node:fs/promises';
import path from 'node:path';
import { fileOfImage, normalImagePath } from '../../base/imagePath.ts';
import { posixRelative } from '../../base/paths.ts';
import { UserError } from '../../base/userError.ts';
import { promptsOf, type QueryTerm } from '../../clip/index.ts';
import type { TextTerm } from '../labels/labelScorer.ts';
import type { Library } from '../library.ts';
import { float16Vector } from '../../base/float16.ts';
import { number, text } from '../store/rows.ts';
import { inside, storedEmbedding } from '../store/store.ts';
import type { ParsedTerm } from './query.ts';
import type { SearchOptions } from './searchOptions.ts';

export interface TermOptions extends Pick<SearchOptions, 'from' | 'signal'> {
  /** Templates that the texts are inserted into. Default: the texts without a template. */
  readonly templates?: readonly string[] | undefined;
}

/** Returns the texts of a query with their prompts. */
export function textTerms(terms: readonly ParsedTerm[], { templates = ['{}'] }: TermOptions): TextTerm[] {
  const texts = terms.filter((term) => term.kind === 'text');
  return texts.map(({ text: name, weight }) => ({ label: { name }, prompts: promptsOf({ name }, templates), weight }));
}

/** Embeds the images of a query. @throws UserError if an image cannot be read */
export async function imageTerms(
  library: Library,
  terms: readonly ParsedTerm[],
  { from, signal }: TermOptions,
): Promise<QueryTerm[]> {
  const embedded: QueryTerm[] = [];
  for (const term of terms) {
    if (term.kind !== 'image') continue;
    const { embedding } = await embedImage(library, await findImage(library, term.path, from), signal);
    embedded.push({ modality: 'image', weight: term.weight, embedding });
  }
  return embedded;
}

/**
 * Finds the image that a query names: relative to `from`, or else to the root.
 * @returns its absolute path
 * @throws UserError if the file does not exist
 */
export async function findImage(library: Library, file: string, from: string | undefined): Promise<string> {
  const folders = [from ?? library.root, library.root];
  const candidates = [...new Set(folders.map((folder) => normalImagePath(path.resolve(folder, file))))];
  for (const candidate of candidates) {
    const isFile = await stat(fileOfImage(candidate)).then(
      (entry) => entry.isFile(),
      () => false,
    );
    if (isFile) return candidate;
  }
  throw new UserError(
    `There is no image ${candidates.join(' or ')}. Check the path. Quote a path that contains spaces.`,
  );
}

interface EmbeddedFile {
  readonly embedding: Float32Array;
  /** SHA-256 of its bytes in hexadecimal. */
  readonly hash: string;
}

/**
 * Reads the embedding of an image from the index if the file has not changed, or else computes it and stores nothing.
 * @throws UserError if the image cannot be read
 */
export async function embedImage(library: Library, file: string, signal?: AbortSignal): Promise<EmbeddedFile> {
  const { size, mtimeMs } = await stat(fileOfImage(file));
  const { database, model } = library[inside];
  const row = database.get(
    'SELECT hash, size, mtime FROM files f JOIN blobs b ON b.id = f.blob WHERE path = ?',
    posixRelative(library.root, file),
  );
  if (row && number(row, 'size') === size && number(row, 'mtime') === mtimeMs) {
    const hash = text(row, 'hash');
    const stored = storedEmbedding(database, model, hash);
    if (stored) return { embedding: float16Vector(stored), hash };
  }
  const [outcome] = await library.inference.embedImages([{ kind: 'file', path: file, folder: library.root }], signal);
  if (outcome?.ok) return outcome;
  throw new UserError(
    `The image ${file} cannot be embedded: ${outcome?.reason ?? 'the encoder returned no result'}. Use another image.`,
  );
}
