import { rm, stat } from 'node:fs/promises';
import type { SQLInputValue } from 'node:sqlite';
import { isMissing } from '../../base/fileErrors.ts';
import { replaceFile } from './besideFiles.ts';
import { INSERT_BLOB } from './changes.ts';
import { moveAside } from './damagedIndex.ts';
import type { Database, Row } from './database.ts';
import { withFileLock } from './fileLock.ts';
import { migrate } from './migrations.ts';
import { openSqlite } from './openSqlite.ts';
import { bytes, number, pages, text } from './rows.ts';
import { salvageManualTags } from './salvage.ts';
import { BUSY, isDamage, resultCode } from './sqliteErrors.ts';
import type { Statement } from './writerThread.ts';

/** The content that an index took over from another one. */
export interface Adoption {
  readonly manualTags: number;
  readonly embeddings: number;
  /** Whether the other index could be read completely. */
  readonly complete: boolean;
}

/** Rows copied in one transaction. */
const BATCH = 500;

/**
 * Marker file beside an index that was taken over but is still open in another process. It prevents a second takeover.
 */
const markerOf = (old: string): string => `${old}-adopted`;

/**
 * Takes over manual tags, embeddings and files, once, from an index that an earlier version kept in another place. It
 * then deletes that index as soon as no process has it open. A damaged index is renamed and kept.
 * @returns undefined if there is no such index
 */
export async function adoptIndex(target: Database, old: string): Promise<Adoption | undefined> {
  if (target.readOnly !== undefined || !(await exists(old))) return undefined;
  return withFileLock(`${old}-adopting`, async () => {
    if (!(await exists(old))) return undefined; // another process has adopted it meanwhile
    const isAdopted = await exists(markerOf(old));
    const adoption = isAdopted ? undefined : await adopt(target, old);
    if (adoption?.complete === false) await moveAside(old);
    else if (!(await deleteIndex(old))) replaceFile(markerOf(old), '');
    return adoption;
  });
}

async function adopt(target: Database, old: string): Promise<Adoption> {
  try {
    return await copyAll(target, old);
  } catch (error) {
    if (!isDamage(error)) throw error;
    const { rows } = salvageManualTags(old);
    await target.write(rows.map((row): Statement => [INSERT_MANUAL_TAG, ...row]));
    return { manualTags: rows.length, embeddings: 0, complete: false };
  }
}

async function copyAll(target: Database, old: string): Promise<Adoption> {
  const source = openSqlite(old);
  try {
    migrate(source, old);
    const read = (sql: string, ...parameters: SQLInputValue[]): Row[] => source.prepare(sql).all(...parameters);
    const manualTags = await copyManualTags(target, read);
    await target.write(read('SELECT name, columns FROM models').map(modelStatement));
    const embeddings = await copyEmbeddings(target, read);
    await copyFiles(target, read);
    return { manualTags, embeddings, complete: true };
  } finally {
    source.close();
  }
}

type Read = (sql: string, ...parameters: SQLInputValue[]) => Row[];

/** If both indexes have a tag for the same image and label, the newer tag wins. */
const INSERT_MANUAL_TAG = `
  INSERT INTO manual_tags (hash, label, holds, given_at) VALUES (?, ?, ?, ?)
  ON CONFLICT (hash, label) DO UPDATE SET holds = excluded.holds, given_at = excluded.given_at
  WHERE excluded.given_at > given_at`;

async function copyManualTags(target: Database, read: Read): Promise<number> {
  const sql = `SELECT hash, label, holds, given_at FROM manual_tags
               WHERE (hash, label) > (?, ?) ORDER BY hash, label LIMIT ?`;
  const tags = pages(
    (last: Row | undefined, limit) => read(sql, last ? text(last, 'hash') : '', last ? text(last, 'label') : '', limit),
    BATCH,
  );
  let count = 0;
  for await (const page of tags) {
    await target.write(
      page.map((row): Statement => [
        INSERT_MANUAL_TAG,
        ...[text(row, 'hash'), text(row, 'label'), number(row, 'holds'), number(row, 'given_at')],
      ]),
    );
    count += page.length;
  }
  return count;
}

const MARK_UNLISTED = 'UPDATE blobs SET is_listed = 0 WHERE hash = ?';

function modelStatement(row: Row): Statement {
  const sql = 'INSERT INTO models (name, columns) VALUES (?, ?) ON CONFLICT DO NOTHING';
  return [sql, text(row, 'name'), number(row, 'columns')];
}

async function copyEmbeddings(target: Database, read: Read): Promise<number> {
  const sql = `SELECT e.id, hash, width, height, format, colours, pixels, is_listed, name, columns, vector
               FROM embeddings e JOIN blobs b ON b.id = e.blob JOIN models m ON m.id = e.model
               WHERE e.id > ? ORDER BY e.id LIMIT ?`;
  const insert = `
    INSERT INTO embeddings (blob, model, vector)
    SELECT b.id, m.id, ? FROM blobs b, models m WHERE b.hash = ? AND m.name = ? AND m.columns = ?
    ON CONFLICT (blob, model) DO NOTHING`;
  const embeddings = pages((last: Row | undefined, limit) => read(sql, last ? number(last, 'id') : 0, limit), BATCH);
  let count = 0;
  for await (const page of embeddings) {
    await target.write(
      page.flatMap((row): Statement[] => [
        [
          INSERT_BLOB,
          ...[text(row, 'hash'), number(row, 'width'), number(row, 'height'), text(row, 'format')],
          ...[row['colours'] ?? null, row['pixels'] ?? null],
        ],
        ...(number(row, 'is_listed') === 0 ? [[MARK_UNLISTED, text(row, 'hash')] as const] : []),
        [insert, bytes(row, 'vector'), text(row, 'hash'), text(row, 'name'), number(row, 'columns')],
      ]),
    );
    count += page.length;
  }
  return count;
}

/** Copies the states of files. The next update reads files whose size or time has changed. */
async function copyFiles(target: Database, read: Read): Promise<void> {
  const sql = `SELECT path, hash, size, mtime FROM files f JOIN blobs b ON b.id = f.blob
               WHERE path > ? ORDER BY path LIMIT ?`;
  const insert = `
    INSERT INTO files (path, blob, size, mtime) SELECT ?, id, ?, ? FROM blobs WHERE hash = ?
    ON CONFLICT (path) DO NOTHING`;
  const files = pages((last: Row | undefined, limit) => read(sql, last ? text(last, 'path') : '', limit), BATCH);
  for await (const page of files) {
    await target.write(
      page.map((row): Statement => [
        insert,
        ...[text(row, 'path'), number(row, 'size'), number(row, 'mtime'), text(row, 'hash')],
      ]),
    );
  }
}

/**
 * Deletes an index that no other process has open: only then can SQLite leave WAL mode.
 * @returns whether it was deleted
 */
async function deleteIndex(file: string): Promise<boolean> {
  const connection = openSqlite(file);
  try {
    connection.exec('PRAGMA journal_mode = DELETE');
  } catch (error) {
    if (resultCode(error) === BUSY) return false;
    throw error;
  } finally {
    connection.close();
  }
  for (const name of [file, `${file}-damaged`, markerOf(file)]) await rm(name, { force: true });
  return true;
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    (error: unknown) => {
      if (isMissing(error)) return false;
      throw error;
    },
  );
}
