import path from 'node:path';
import { UserError } from '../../clip/index.ts';
import type { Library } from '../library.ts';
import { number, text } from '../store/rows.ts';
import { isImageItself, MARK_LISTED, storeSheet } from '../store/sheets.ts';
import { inside } from '../store/store.ts';
import type { Statement } from '../store/writerThread.ts';
import { type BlobFile, blobFilesOf } from './blobFiles.ts';

/** SVGs that are read at a time and written in one transaction. */
const BATCH = 32;

/**
 * Lists the images in the SVGs that an earlier version embedded as one image each. Nothing is drawn. A file that has
 * changed meanwhile is left to the update.
 */
export async function completeSheets(library: Library, signal: AbortSignal): Promise<void> {
  const { database } = library[inside];
  for (let last = 0; ;) {
    signal.throwIfAborted();
    const blobs = blobFilesOf(database.all(NEXT, last, BATCH));
    const end = blobs.at(-1);
    if (!end) return;
    last = end.id;
    const statements = await Promise.all(blobs.map((blob) => statementsOf(library, blob, signal)));
    await database.cache(statements.flat());
  }
}

const NEXT = `
  SELECT id, hash, (SELECT min(path) FROM files WHERE blob = b.id) AS path FROM blobs b
  WHERE is_listed = 0 AND id > ? AND EXISTS (SELECT 1 FROM files WHERE blob = b.id) ORDER BY id LIMIT ?`;
const FILES = 'SELECT path, size, mtime FROM files WHERE blob = ?';

async function statementsOf(library: Library, { id, hash, file }: BlobFile, signal: AbortSignal): Promise<Statement[]> {
  const { database } = library[inside];
  try {
    const found = await library.inference.sheetContent({ kind: 'file', path: path.join(library.root, file) }, signal);
    if (found.hash !== hash) return [];
    const { content } = found;
    if (!content) return [[MARK_LISTED, hash]];
    return database.all(FILES, id).flatMap((row) => {
      const state = { path: text(row, 'path'), size: number(row, 'size'), mtime: number(row, 'mtime'), hash };
      return storeSheet(database, { ...state, content, isImage: isImageItself(database, state.path, content) });
    });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [[MARK_LISTED, hash]]; // the update reports why the file cannot be read
  }
}
