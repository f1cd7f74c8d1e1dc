import { UserError } from '../clip/index.ts';
import type { Database, Row } from './store/database.ts';
import type { Library } from './library.ts';
import { number, pages, text } from './store/rows.ts';
import { inside, storedFailures, type Failure } from './store/store.ts';

/** An image of the index. */
export interface IndexedImage {
  /** Relative to the root, with '/'. */
  readonly path: string;
  /** SHA-256 of its content in hex: copies share it. */
  readonly hash: string;
  /** Pixels as it is shown. */
  readonly width: number;
  readonly height: number;
  readonly format: string;
  readonly bytes: number;
}

const IMAGE =
  'SELECT path, hash, width, height, format, size, content FROM files f JOIN contents c ON c.id = f.content';

function imageOf(row: Row): IndexedImage {
  return {
    path: text(row, 'path'),
    hash: text(row, 'hash'),
    width: number(row, 'width'),
    height: number(row, 'height'),
    format: text(row, 'format'),
    bytes: number(row, 'size'),
  };
}

/** All images of the index by path, in pages. */
export async function* listImages({ [inside]: { database } }: Library): AsyncGenerator<IndexedImage[]> {
  for await (const page of imagePages(database)) yield page.map(({ image }) => image);
}

/** All images by path with their content ids, in pages. */
export function imagePages(database: Database): AsyncGenerator<{ content: number; image: IndexedImage }[]> {
  return pages((last: { content: number; image: IndexedImage } | undefined, limit) =>
    database
      .all(`${IMAGE} WHERE path > ? ORDER BY path LIMIT ?`, last?.image.path ?? '', limit)
      .map((row) => ({ content: number(row, 'content'), image: imageOf(row) })),
  );
}

/** The image at a path relative to the root. */
export function imageAt({ [inside]: { database } }: Library, path: string): IndexedImage | undefined {
  const row = database.get(`${IMAGE} WHERE path = ?`, path);
  return row && imageOf(row);
}

/** What is asked of the image at a path cannot be answered. */
export function notIndexed({ root }: Library, path: string): UserError {
  return new UserError(
    `The image ${path} of ${root} is not in the index, or could not be read. Bring the index up to date and try again.`,
  );
}

/** Whether the index knows an image below a folder (relative to the root, with '/'). */
export function hasImagesBelow({ [inside]: { database, model } }: Library, folder: string): boolean {
  // '0' is the character after '/': all paths that begin with the folder lie between the two.
  const bounds = [`${folder}/`, `${folder}0`];
  return (
    database.get('SELECT 1 FROM files WHERE path > ? AND path < ?', ...bounds) !== undefined ||
    database.get('SELECT 1 FROM failures WHERE model = ? AND path > ? AND path < ?', model.id, ...bounds) !== undefined
  );
}

/** Images that the library's model left out, and why, in pages. */
export async function* listFailures({ [inside]: { database, model } }: Library): AsyncGenerator<Failure[]> {
  for await (const page of storedFailures(database, model)) yield page.map(({ path, reason }) => ({ path, reason }));
}

export interface IndexCounts {
  readonly files: number;
  /** Different contents. */
  readonly contents: number;
  /** Images that the library's model left out. */
  readonly failures: number;
}

export function countImages({ [inside]: { database, model } }: Library): IndexCounts {
  const row = database.get(
    `SELECT (SELECT count(*) FROM files) AS files,
            (SELECT count(*) FROM contents WHERE orphaned_at IS NULL) AS contents,
            (SELECT count(*) FROM failures WHERE model = ?) AS failures`,
    model.id,
  );
  if (!row) throw new Error('a query of counts has no row');
  return { files: number(row, 'files'), contents: number(row, 'contents'), failures: number(row, 'failures') };
}

/** The images of some contents, by content id, each list by path. */
export function imagesOfBlobs(database: Database, contents: readonly number[]): Map<number, IndexedImage[]> {
  const rows = database.all(
    `${IMAGE} WHERE content IN (SELECT value FROM json_each(?)) ORDER BY path`,
    JSON.stringify(contents),
  );
  const images = new Map<number, IndexedImage[]>();
  for (const row of rows) {
    const id = number(row, 'content');
    const same = images.get(id);
    if (same) same.push(imageOf(row));
    else images.set(id, [imageOf(row)]);
  }
  return images;
}

/** The contents that have a file whose path passes. */
export async function blobsWhere(database: Database, passes: (file: string) => boolean): Promise<Set<number>> {
  const found = new Set<number>();
  const files = pages((last: { path: string; content: number } | undefined, limit) =>
    database
      .all('SELECT path, content FROM files WHERE path > ? ORDER BY path LIMIT ?', last?.path ?? '', limit)
      .map((row) => ({ path: text(row, 'path'), content: number(row, 'content') })),
  );
  for await (const page of files) for (const { path, content } of page) if (passes(path)) found.add(content);
  return found;
}
