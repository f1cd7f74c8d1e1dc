import type { Database } from './database.ts';

/** Blobs deleted in one transaction. */
const BATCH = 500;

const DAY_SECONDS = 24 * 60 * 60;

/** Returns the time, in seconds since 1970, before which blobs without files are garbage. */
export function garbageBefore(keepDays = 30): number {
  return Date.now() / 1000 - keepDays * DAY_SECONDS;
}

/**
 * Deletes blobs that no file has referred to since a time, with their embeddings, and text embeddings that were not
 * used since.
 * @param before seconds since 1970
 */
export async function collectGarbage(db: Database, before: number, signal?: AbortSignal): Promise<void> {
  if (!db.get(ANY_GARBAGE, before, before)) return;
  let deleted: number | undefined;
  do {
    signal?.throwIfAborted();
    [deleted] = await db.write([[DELETE_BLOBS, before, BATCH]]);
  } while (deleted === BATCH);
  await db.write([['DELETE FROM text_vectors WHERE used_at < ?', before]]);
}

const ANY_GARBAGE = 'SELECT 1 FROM blobs WHERE orphaned_at < ? UNION ALL SELECT 1 FROM text_vectors WHERE used_at < ?';
const DELETE_BLOBS = `
  DELETE FROM blobs WHERE id IN (SELECT id FROM blobs WHERE orphaned_at < ? LIMIT ?)`;
