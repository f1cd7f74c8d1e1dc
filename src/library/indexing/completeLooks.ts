import path from 'node:path';
import { UserError } from '../../clip/index.ts';
import type { Library } from '../library.ts';
import { number } from '../store/rows.ts';
import { inside } from '../store/store.ts';
import type { Statement } from '../store/writerThread.ts';
import { type BlobFile, blobFilesOf } from './blobFiles.ts';

export interface LookOptions {
  readonly signal: AbortSignal;
  /** Receives the number of images that are done, their total, and the last path. */
  readonly onProgress: (done: number, total: number, path: string) => void;
}

/** Images that are decoded at a time and written in one transaction. */
const BATCH = 32;

/**
 * Decodes the images that an earlier version embedded without their look (colours and small pixels). The encoder does
 * not run. A file that has changed meanwhile is left to the next update, which embeds it.
 */
export async function completeLooks(library: Library, { signal, onProgress }: LookOptions): Promise<void> {
  const { database } = library[inside];
  const total = number(database.get(COUNT) ?? {}, 'count');
  let last = 0;
  for (let done = 0; done < total;) {
    signal.throwIfAborted();
    const blobs = blobFilesOf(database.all(NEXT, last, BATCH));
    const end = blobs.at(-1);
    if (!end) return; // another process has completed them
    const statements = await Promise.all(blobs.map((blob) => statementOf(library, blob, signal)));
    await database.cache(statements.filter((statement) => statement !== undefined));
    last = end.id;
    done += blobs.length;
    onProgress(done, total, end.file);
  }
}

const MISSING = 'FROM blobs b WHERE colours IS NULL AND orphaned_at IS NULL';
const COUNT = `SELECT count(*) AS count ${MISSING}`;
const NEXT = `
  SELECT id, hash, (SELECT min(path) FROM files WHERE blob = b.id) AS path ${MISSING}
    AND EXISTS (SELECT 1 FROM files WHERE blob = b.id) AND id > ? ORDER BY id LIMIT ?`;
const STORE = 'UPDATE blobs SET colours = ?, pixels = ? WHERE hash = ? AND colours IS NULL';

async function statementOf(
  { root, inference }: Library,
  { hash, file }: BlobFile,
  signal: AbortSignal,
): Promise<Statement | undefined> {
  try {
    const found = await inference.imageLook({ kind: 'file', path: path.join(root, file) }, signal);
    return found.hash === hash ? [STORE, found.look.colours, found.look.pixels, hash] : undefined;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    // An empty look is not read again.
    return [STORE, new Uint8Array(), new Uint8Array(), hash];
  }
}
