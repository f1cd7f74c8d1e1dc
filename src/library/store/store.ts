import type { Database } from './database.ts';
import { float16Bytes } from '../../base/float16.ts';
import { bytes, number, pages, text } from './rows.ts';
import type { Statement } from './writerThread.ts';

/** The model whose embeddings are asked for, as the index knows it. */
export interface StoredModel {
  readonly id: number;
  /** Names the embedding space (ModelManifest.id). */
  readonly name: string;
  /** Components of an embedding. */
  readonly columns: number;
}

/** What a library works on, behind its door. */
export interface Inside {
  readonly database: Database;
  readonly model: StoredModel;
  /** How many files each content has, by content id. */
  readonly fileCounts: () => Promise<ReadonlyMap<number, number>>;
}

/** The key of a library's own part: not exported from index.ts, so that no SQL is written elsewhere. */
export const inside = Symbol('inside');

/** A file as it was when its content was read. */
export interface FileState {
  /** Relative to the root, with '/'. */
  readonly path: string;
  readonly size: number;
  readonly mtime: number;
}

export interface FileLink extends FileState {
  /** SHA-256 of its content in hex. */
  readonly hash: string;
}

export interface KnownFile extends FileLink {
  /** Whether the content has an embedding of the model. */
  readonly embedded: boolean;
}

export interface Failure {
  readonly path: string;
  /** For people: why the image was left out. */
  readonly reason: string;
}

/** A failure of a model and the file it holds for; `mtime` is null where another try may succeed with the same file. */
export interface StoredFailure extends Failure {
  readonly size: number;
  readonly mtime: number | null;
}

export interface EmbeddedImage {
  /** SHA-256 in hex. */
  readonly hash: string;
  readonly width: number;
  readonly height: number;
  readonly format: string;
  readonly embedding: Float32Array;
}

/** What one transaction changes. */
export interface Changes {
  readonly images?: readonly EmbeddedImage[];
  /** Files whose content is known, or is among `images`. */
  readonly links?: readonly FileLink[];
  readonly failures?: readonly StoredFailure[];
  readonly removed?: readonly string[];
}

/** Writes changes in one transaction. Contents and embeddings that are there already stay as they are. */
export async function applyChanges(db: Database, model: StoredModel, changes: Changes): Promise<void> {
  const { images = [], links = [], failures = [], removed = [] } = changes;
  await db.write([
    ...images.flatMap(({ hash, width, height, format, embedding }): Statement[] => [
      [INSERT_CONTENT, hash, width, height, format],
      [INSERT_EMBEDDING, model.id, float16Bytes(embedding), hash],
    ]),
    ...links.flatMap(({ path, size, mtime, hash }): Statement[] => [
      [CARRY_HAND_TAGS, path, hash],
      [LINK_FILE, path, size, mtime, hash],
      [FORGET_FAILURES, path, model.id, size, mtime],
    ]),
    ...failures.flatMap(({ path, size, mtime, reason }): Statement[] => [
      [RECORD_FAILURE, path, model.id, path, size, mtime, reason],
      [FORGET_CHANGED_FILE, path, size, mtime],
    ]),
    ...removed.flatMap((path): Statement[] => [
      ['DELETE FROM files WHERE path = ?', path],
      ['DELETE FROM failures WHERE path = ?', path],
    ]),
  ]);
}

const INSERT_CONTENT =
  'INSERT INTO contents (hash, width, height, format) VALUES (?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING';
const INSERT_EMBEDDING = `
  INSERT INTO embeddings (content, model, vector) SELECT id, ?, ? FROM contents WHERE hash = ?
  ON CONFLICT (content, model) DO NOTHING`;
/**
 * An edited image keeps what somebody said of it, even where it could not be read in between (half written). A content that is
 * known by another file, or of which something was said, is another picture: nothing is added to that.
 */
const CARRY_HAND_TAGS = `
  WITH link (path, hash) AS (VALUES (?, ?))
  INSERT INTO hand_tags (hash, label, holds, given_at)
  SELECT link.hash, label, holds, given_at FROM link JOIN hand_tags h ON h.hash = coalesce(
    (SELECT c.hash FROM files f JOIN contents c ON c.id = f.content WHERE f.path = link.path),
    (SELECT hash FROM failures WHERE path = link.path AND hash IS NOT NULL)
  )
  WHERE NOT EXISTS (SELECT 1 FROM files f JOIN contents c ON c.id = f.content WHERE c.hash = link.hash)
    AND NOT EXISTS (SELECT 1 FROM hand_tags WHERE hash = link.hash)`;
const LINK_FILE = `
  INSERT INTO files (path, content, size, mtime) SELECT ?, id, ?, ? FROM contents WHERE hash = ?
  ON CONFLICT (path) DO UPDATE SET content = excluded.content, size = excluded.size, mtime = excluded.mtime`;
/** Failures of this model, and those of others that were of an earlier state of the file. */
const FORGET_FAILURES = 'DELETE FROM failures WHERE path = ? AND (model = ? OR size <> ? OR mtime IS NOT ?)';
/** What fails may still be good for another model, but not as what it was before it changed. */
const FORGET_CHANGED_FILE = 'DELETE FROM files WHERE path = ? AND (size <> ? OR mtime IS NOT ?)';
const RECORD_FAILURE = `
  WITH last (hash) AS (VALUES ((SELECT hash FROM files f JOIN contents c ON c.id = f.content WHERE path = ?)))
  INSERT INTO failures (model, path, size, mtime, reason, hash) SELECT ?, ?, ?, ?, ?, hash FROM last WHERE true
  ON CONFLICT (model, path) DO UPDATE SET size = excluded.size, mtime = excluded.mtime, reason = excluded.reason,
    hash = coalesce(excluded.hash, hash)`;

/**
 * Files of the index, in pages.
 * @param below only this file, or what is in this folder; '' for all
 */
export function knownFiles(db: Database, model: StoredModel, below = ''): AsyncGenerator<KnownFile[]> {
  return pages((last: KnownFile | undefined, limit) =>
    db
      .all(
        `SELECT path, size, mtime, hash, e.id IS NOT NULL AS embedded
         FROM files f JOIN contents c ON c.id = f.content
         LEFT JOIN embeddings e ON e.content = c.id AND e.model = ?
         WHERE path > ? AND ${BELOW} ORDER BY path LIMIT ?`,
        ...[model.id, last?.path ?? '', ...bounds(below), limit],
      )
      .map((row) => ({
        path: text(row, 'path'),
        size: number(row, 'size'),
        mtime: number(row, 'mtime'),
        hash: text(row, 'hash'),
        embedded: number(row, 'embedded') === 1,
      })),
  );
}

/** A path is this one, or lies in the folder of this name. The first two bounds let SQLite look in the right place at once. */
const BELOW = 'path >= ? AND path < ? AND (path = ? OR path >= ?)';

/** '0' is the character after '/', and no path begins with the last character of Unicode. */
function bounds(below: string): string[] {
  return below === '' ? ['', '\u{10ffff}', '', ''] : [below, `${below}0`, below, `${below}/`];
}

/**
 * Images that a model left out, in pages.
 * @param below as in knownFiles
 */
export function storedFailures(db: Database, model: StoredModel, below = ''): AsyncGenerator<StoredFailure[]> {
  return pages((last: StoredFailure | undefined, limit) =>
    db
      .all(
        `SELECT path, size, mtime, reason FROM failures WHERE model = ? AND path > ? AND ${BELOW} ORDER BY path LIMIT ?`,
        ...[model.id, last?.path ?? '', ...bounds(below), limit],
      )
      .map((row) => ({
        path: text(row, 'path'),
        size: number(row, 'size'),
        mtime: row['mtime'] === null ? null : number(row, 'mtime'),
        reason: text(row, 'reason'),
      })),
  );
}

/** Bytes of the float16 embedding of a content, where it has one. */
export function storedEmbedding(db: Database, model: StoredModel, hash: string): Uint8Array | undefined {
  const row = db.get(
    'SELECT vector FROM embeddings e JOIN contents c ON c.id = e.content WHERE c.hash = ? AND e.model = ?',
    ...[hash, model.id],
  );
  return row && bytes(row, 'vector');
}

/** Contents deleted in one transaction. */
const GARBAGE_BATCH = 500;

/** Forgets contents, with their embeddings, that no file has pointed at since `seconds` (since 1970); old text vectors too. */
export async function collectGarbage(db: Database, seconds: number, signal?: AbortSignal): Promise<void> {
  if (
    !db.get(
      'SELECT 1 FROM contents WHERE orphaned_at < ? UNION ALL SELECT 1 FROM text_vectors WHERE used_at < ?',
      seconds,
      seconds,
    )
  )
    return;
  let deleted: number | undefined;
  do {
    signal?.throwIfAborted();
    [deleted] = await db.write([[DELETE_CONTENTS, seconds, GARBAGE_BATCH]]);
  } while (deleted === GARBAGE_BATCH);
  await db.write([['DELETE FROM text_vectors WHERE used_at < ?', seconds]]);
}

const DELETE_CONTENTS = `
  DELETE FROM contents WHERE id IN (SELECT id FROM contents WHERE orphaned_at < ? LIMIT ?)`;
