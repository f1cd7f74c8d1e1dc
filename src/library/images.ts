import { UserError } from '../clip/index.ts';
import type { Database, Row } from './store/database.ts';
import type { Library } from './library.ts';
import { number, pages, text } from './store/rows.ts';
import { inside, storedFailures, type Failure } from './store/store.ts';

/** A file of the index. Files with the same bytes share one blob, which the hash identifies. */
export interface IndexedImage {
  /** Path relative to the root, with '/'. */
  readonly path: string;
  /** SHA-256 of the blob in hexadecimal. */
  readonly hash: string;
  /** Width in pixels after the orientation of the file is applied. */
  readonly width: number;
  /** Height in pixels after the orientation of the file is applied. */
  readonly height: number;
  readonly format: string;
  /** File size. */
  readonly bytes: number;
}

const IMAGE = 'SELECT path, hash, width, height, format, size, blob FROM files f JOIN blobs b ON b.id = f.blob';

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

/** Lists all images of the index by path, in pages. */
export async function* listImages({ [inside]: { database } }: Library): AsyncGenerator<IndexedImage[]> {
  for await (const page of imagePages(database)) yield page.map(({ image }) => image);
}

/** An image with the id of its blob. */
export interface ImageRow {
  readonly blob: number;
  readonly image: IndexedImage;
}

/** Lists all images by path with the ids of their blobs, in pages. */
export function imagePages(database: Database): AsyncGenerator<ImageRow[]> {
  return pages((last: ImageRow | undefined, limit) =>
    database
      .all(`${IMAGE} WHERE path > ? ORDER BY path LIMIT ?`, last?.image.path ?? '', limit)
      .map((row) => ({ blob: number(row, 'blob'), image: imageOf(row) })),
  );
}

/** Returns the image at a path relative to the root, or undefined if the index does not contain it. */
export function imageAt({ [inside]: { database } }: Library, path: string): IndexedImage | undefined {
  const row = database.get(`${IMAGE} WHERE path = ?`, path);
  return row && imageOf(row);
}

/** Tells whether a file is a sheet that the index contains as the images in it. @param path relative to the root */
export function isSheet({ [inside]: { database } }: Library, path: string): boolean {
  return database.get('SELECT 1 FROM sheets WHERE path = ?', path) !== undefined;
}

/** Creates the error for a request about an image that is not in the index. */
export function notIndexed({ root }: Library, path: string): UserError {
  return new UserError(
    `The image ${path} of ${root} is not in the index, or could not be read. Bring the index up to date and try again.`,
  );
}

/** Tells whether the index contains an image, or a failure, below a folder (relative to the root, with '/'). */
export function hasImagesBelow({ [inside]: { database, model } }: Library, folder: string): boolean {
  // '0' follows '/' in ASCII, so all paths below the folder lie between the two bounds.
  const bounds = [`${folder}/`, `${folder}0`];
  return (
    database.get('SELECT 1 FROM files WHERE path > ? AND path < ?', ...bounds) !== undefined ||
    database.get('SELECT 1 FROM failures WHERE model = ? AND path > ? AND path < ?', model.id, ...bounds) !== undefined
  );
}

/** Lists the images that the library's model could not embed, with the reasons, in pages. */
export async function* listFailures({ [inside]: { database, model } }: Library): AsyncGenerator<Failure[]> {
  for await (const page of storedFailures(database, model)) yield page.map(({ path, reason }) => ({ path, reason }));
}

export interface IndexCounts {
  readonly files: number;
  /** Distinct blobs that at least one file refers to. */
  readonly blobs: number;
  /** Images that the library's model could not embed. */
  readonly failures: number;
}

export function countImages({ [inside]: { database, model } }: Library): IndexCounts {
  const row = database.get(
    `SELECT (SELECT count(*) FROM files) AS files,
            (SELECT count(*) FROM blobs WHERE orphaned_at IS NULL) AS blobs,
            (SELECT count(*) FROM failures WHERE model = ?) AS failures`,
    model.id,
  );
  if (!row) throw new Error('a query of counts returned no row');
  return { files: number(row, 'files'), blobs: number(row, 'blobs'), failures: number(row, 'failures') };
}

/** Returns the images of some blobs by blob id, each list sorted by path. */
export function imagesOfBlobs(database: Database, blobs: readonly number[]): Map<number, IndexedImage[]> {
  const rows = database.all(
    `${IMAGE} WHERE blob IN (SELECT value FROM json_each(?)) ORDER BY path`,
    JSON.stringify(blobs),
  );
  const images = new Map<number, IndexedImage[]>();
  for (const row of rows) {
    const id = number(row, 'blob');
    const copies = images.get(id);
    if (copies) copies.push(imageOf(row));
    else images.set(id, [imageOf(row)]);
  }
  return images;
}

/** Returns the ids of the blobs that have at least one file whose path passes. */
export async function blobsWhere(database: Database, passes: (file: string) => boolean): Promise<Set<number>> {
  const found = new Set<number>();
  const files = pages((last: { path: string; blob: number } | undefined, limit) =>
    database
      .all('SELECT path, blob FROM files WHERE path > ? ORDER BY path LIMIT ?', last?.path ?? '', limit)
      .map((row) => ({ path: text(row, 'path'), blob: number(row, 'blob') })),
  );
  for await (const page of files) for (const { path, blob } of page) if (passes(path)) found.add(blob);
  return found;
}
