import { posix } from 'node:path';
import type { Database } from './database.ts';
import { bytes, number, pages, text } from './rows.ts';

/** A model as the index stores it. */
export interface StoredModel {
  /** Key of its row. */
  readonly id: number;
  /** Name of its embedding space (ModelManifest.id). */
  readonly name: string;
  /** Components of an embedding. */
  readonly columns: number;
}

/** The parts of a library that only the library's own modules use. */
export interface Inside {
  readonly database: Database;
  readonly model: StoredModel;
  /** Returns the number of files of each blob, by blob id. */
  readonly fileCounts: () => Promise<ReadonlyMap<number, number>>;
}

/** Key of a library's internal parts. index.ts does not export it, so that all SQL stays in src/library. */
export const inside = Symbol('inside');

/** A file at the time when its bytes were read. */
export interface FileState {
  /** Path relative to the root, with '/'. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970, with fraction. */
  readonly mtime: number;
}

/** A file with the blob that it refers to. */
export interface FileLink extends FileState {
  /** SHA-256 of the blob in hexadecimal. */
  readonly hash: string;
}

export interface KnownFile extends FileLink {
  /** Whether the blob has an embedding of the model. */
  readonly embedded: boolean;
}

/** An image that could not be embedded. */
export interface Failure {
  readonly path: string;
  /** The reason, in words for users. */
  readonly reason: string;
}

/** A failure of a model, with the state of the file that it applies to. */
export interface StoredFailure extends Failure {
  readonly size: number;
  /** Null if another attempt may succeed with the same file. */
  readonly mtime: number | null;
  /** SHA-256 of the bytes in hexadecimal; null if it is not known. */
  readonly content: string | null;
}

/**
 * Lists files of the index by path, in pages.
 * @param below lists only this file, or the files in this folder; '' lists all
 */
export function knownFiles(db: Database, model: StoredModel, below = ''): AsyncGenerator<KnownFile[]> {
  return pages((last: KnownFile | undefined, limit) =>
    db
      .all(
        `SELECT path, size, mtime, hash, e.id IS NOT NULL AS embedded
         FROM files f JOIN blobs b ON b.id = f.blob
         LEFT JOIN embeddings e ON e.blob = b.id AND e.model = ?
         WHERE path > ? AND ${BELOW} ORDER BY path LIMIT ?`,
        ...[model.id, last?.path ?? '', ...belowBounds(below), limit],
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

/**
 * The path equals a path, is that of an image in the file, or lies in the folder of that name. The first two bounds
 * allow SQLite to use the primary key.
 */
export const BELOW = 'path >= ? AND path < ? AND (path = ? OR path >= ? OR path >= ? AND path < ?)';

/** '0' follows '/' in ASCII, and '$' follows '#'; no path starts with the last code point of Unicode. */
export function belowBounds(below: string): string[] {
  return below === ''
    ? ['', '\u{10ffff}', '', '', '', '']
    : [below, `${below}0`, below, `${below}/`, `${below}#`, `${below}$`];
}

/**
 * Lists the failures of a model by path, in pages.
 * @param below see knownFiles
 */
export function storedFailures(db: Database, model: StoredModel, below = ''): AsyncGenerator<StoredFailure[]> {
  return pages((last: StoredFailure | undefined, limit) =>
    db
      .all(
        `SELECT path, size, mtime, reason, content FROM failures WHERE model = ? AND path > ? AND ${BELOW} ORDER BY path LIMIT ?`,
        ...[model.id, last?.path ?? '', ...belowBounds(below), limit],
      )
      .map((row) => ({
        path: text(row, 'path'),
        size: number(row, 'size'),
        mtime: row['mtime'] === null ? null : number(row, 'mtime'),
        reason: text(row, 'reason'),
        content: row['content'] === null ? null : text(row, 'content'),
      })),
  );
}

/** The key of the bytes of a file that failed: their hash, and the extension, which the format may depend on. */
export function failureKey(content: string, file: string): string {
  return content + posix.extname(file).toLowerCase();
}

/** Returns the reasons why a model cannot embed some files, by failureKey. */
export async function failuresByContent(db: Database, model: StoredModel): Promise<Map<string, string>> {
  const reasons = new Map<string, string>();
  for await (const page of storedFailures(db, model)) {
    for (const { path, content, mtime, reason } of page) {
      if (content !== null && mtime !== null) reasons.set(failureKey(content, path), reason);
    }
  }
  return reasons;
}

/** Returns the embedding of a blob as float16 bytes, or undefined if the model has not embedded it. */
export function storedEmbedding(db: Database, model: StoredModel, hash: string): Uint8Array | undefined {
  const row = db.get(
    'SELECT vector FROM embeddings e JOIN blobs b ON b.id = e.blob WHERE b.hash = ? AND e.model = ?',
    ...[hash, model.id],
  );
  return row && bytes(row, 'vector');
}
