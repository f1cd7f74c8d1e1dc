import type { ImageLook } from '../../clip/index.ts';
import type { Database } from './database.ts';
import { float16Bytes } from '../../base/float16.ts';
import { fileOfImage, mayBeSheet } from '../../base/imagePath.ts';
import { forgetImages, MARK_LISTED, storeSheet, type ListedSheet } from './sheets.ts';
import type { FileLink, StoredFailure, StoredModel } from './store.ts';
import type { Statement } from './writerThread.ts';

/** An image that was embedded. */
export interface EmbeddedImage {
  /** SHA-256 of its bytes in hexadecimal. */
  readonly hash: string;
  readonly width: number;
  readonly height: number;
  readonly format: string;
  readonly embedding: Float32Array;
  readonly look: ImageLook;
}

/** Changes that belong into one transaction. */
export interface Changes {
  readonly images?: readonly EmbeddedImage[];
  /** Files whose blob is in the index or among `images`. */
  readonly links?: readonly FileLink[];
  readonly failures?: readonly StoredFailure[];
  /** Sheets whose images were listed. */
  readonly sheets?: readonly ListedSheet[];
  /** Paths of files that no longer exist. */
  readonly removed?: readonly string[];
}

/** Writes changes in one transaction. Blobs and embeddings that exist stay as they are. */
export async function applyChanges(db: Database, model: StoredModel, changes: Changes): Promise<void> {
  const { images = [], links = [], failures = [], sheets = [], removed = [] } = changes;
  const listed = new Set(sheets.map(({ path }) => path));
  const isOther = (path: string): boolean => mayBeSheet(path) && !listed.has(path);
  await db.write([
    ...images.flatMap(({ hash, width, height, format, embedding, look }): Statement[] => [
      [INSERT_BLOB, hash, width, height, format, look.colours, look.pixels],
      [INSERT_EMBEDDING, model.id, float16Bytes(embedding), hash],
      ...(format === 'svg' ? [[MARK_LISTED, hash] as const] : []),
    ]),
    ...links.flatMap(({ path, size, mtime, hash }): Statement[] => [
      [CARRY_MANUAL_TAGS, path, hash],
      [LINK_FILE, path, size, mtime, hash],
      [FORGET_FAILURES, path, model.id, size, mtime],
      ...(isOther(path) ? forgetImages(path, false) : []),
    ]),
    ...sheets.flatMap((sheet) => storeSheet(db, sheet)),
    ...failures.flatMap(({ path, size, mtime, reason, content }): Statement[] => [
      [RECORD_FAILURE, path, model.id, path, size, mtime, reason, content],
      [FORGET_CHANGED_FILE, path, size, mtime],
      ...(isOther(path) ? forgetImages(path, true) : []),
    ]),
    ...removed.flatMap((path): Statement[] => [
      ['DELETE FROM files WHERE path = ?', path],
      ['DELETE FROM failures WHERE path = ?', path],
      ['DELETE FROM sheets WHERE path = ?', fileOfImage(path)],
    ]),
  ]);
}

export const INSERT_BLOB = `
  INSERT INTO blobs (hash, width, height, format, colours, pixels) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (hash) DO UPDATE SET colours = excluded.colours, pixels = excluded.pixels WHERE colours IS NULL`;
const INSERT_EMBEDDING = `
  INSERT INTO embeddings (blob, model, vector) SELECT id, ?, ? FROM blobs WHERE hash = ?
  ON CONFLICT (blob, model) DO NOTHING`;
/**
 * An edited image keeps its manual tags, also if it could not be read in between (half written). A blob that another
 * file refers to, or that has manual tags, is another picture and takes over none.
 */
const CARRY_MANUAL_TAGS = `
  WITH link (path, hash) AS (VALUES (?, ?))
  INSERT INTO manual_tags (hash, label, holds, given_at)
  SELECT link.hash, label, holds, given_at FROM link JOIN manual_tags h ON h.hash = coalesce(
    (SELECT b.hash FROM files f JOIN blobs b ON b.id = f.blob WHERE f.path = link.path),
    (SELECT hash FROM failures WHERE path = link.path AND hash IS NOT NULL)
  )
  WHERE NOT EXISTS (SELECT 1 FROM files f JOIN blobs b ON b.id = f.blob WHERE b.hash = link.hash)
    AND NOT EXISTS (SELECT 1 FROM manual_tags WHERE hash = link.hash)`;
const LINK_FILE = `
  INSERT INTO files (path, blob, size, mtime) SELECT ?, id, ?, ? FROM blobs WHERE hash = ?
  ON CONFLICT (path) DO UPDATE SET blob = excluded.blob, size = excluded.size, mtime = excluded.mtime`;
/** Deletes the failures of this model, and those of other models that apply to an earlier state of the file. */
const FORGET_FAILURES = 'DELETE FROM failures WHERE path = ? AND (model = ? OR size <> ? OR mtime IS NOT ?)';
/** Another model may embed a file that fails here, but not from the bytes that it had before it changed. */
const FORGET_CHANGED_FILE = 'DELETE FROM files WHERE path = ? AND (size <> ? OR mtime IS NOT ?)';
const RECORD_FAILURE = `
  WITH last (hash) AS (VALUES ((SELECT hash FROM files f JOIN blobs b ON b.id = f.blob WHERE path = ?)))
  INSERT INTO failures (model, path, size, mtime, reason, content, hash)
  SELECT ?, ?, ?, ?, ?, ?, hash FROM last WHERE true
  ON CONFLICT (model, path) DO UPDATE SET size = excluded.size, mtime = excluded.mtime, reason = excluded.reason,
    content = excluded.content, hash = coalesce(excluded.hash, hash)`;
