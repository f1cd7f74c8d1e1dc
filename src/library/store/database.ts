import { stat } from 'node:fs/promises';
import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import { messageOf, UserError } from '../../base/userError.ts';
import { assertRegularFiles } from './besideFiles.ts';
import { connect, type IndexConnection } from './connection.ts';
import {
  damageFound,
  idOf,
  isMarkedDamaged,
  moveAside,
  renameRefused,
  wasIndex,
  type RecoveredIndex,
} from './damagedIndex.ts';
import { withFileLock } from './fileLock.ts';
import { notWritable, toUserError } from './indexErrors.ts';
import { salvageManualTags } from './salvage.ts';
import { isDamage } from './sqliteErrors.ts';
import { WriterThread, type Statement } from './writerThread.ts';

/** One row of a result, by column name. */
export type Row = Record<string, SQLOutputValue>;

/**
 * An open index file, which other processes may have open too. Reads block this thread, so long results are read in
 * pages; writes run on a separate thread. Its methods convert errors of SQLite to UserErrors.
 */
export interface Database extends AsyncDisposable {
  readonly file: string;
  /** Set if the file replaces a damaged one. */
  readonly recovered: RecoveredIndex | undefined;
  /** The reason why the file cannot be written; undefined if it can. */
  readonly readOnly: string | undefined;
  all(sql: string, ...parameters: SQLInputValue[]): Row[];
  get(sql: string, ...parameters: SQLInputValue[]): Row | undefined;
  /** Returns the error to throw for invalid data. The next process that opens the file replaces it with a new one. */
  damaged(detail: string): UserError;
  /**
   * Runs statements in one transaction. Reads see the result when the promise is fulfilled.
   * @returns the number of rows that each statement changed
   * @throws UserError if the file cannot be written
   */
  write(statements: readonly Statement[]): Promise<number[]>;
  /** Like `write`, for rows that can be computed again: it does nothing if the file cannot be written. */
  cache(statements: readonly Statement[]): Promise<void>;
  /**
   * Tells whether another file took the place of the open one, or the file that is open for reading only was rewritten.
   */
  isReplaced(): Promise<boolean>;
}

/**
 * Opens or creates the index file; its folder exists. A damaged file is renamed, and a new one takes over the manual
 * tags that can still be read.
 * @throws UserError if the file belongs to another program, has a newer version, or can be neither written nor read
 */
export async function openDatabase(file: string): Promise<Database> {
  try {
    await assertRegularFiles(file);
    const id = await idOf(file);
    const connected = (await isMarkedDamaged(file, id)) ? undefined : await connectUnlessDamaged(file);
    return connected ? await databaseOf(connected, file) : await recoverWithLock(file, id);
  } catch (error) {
    throw toUserError(error, file);
  }
}

/** @returns undefined if the file is a damaged index */
async function connectUnlessDamaged(file: string): Promise<IndexConnection | undefined> {
  try {
    return await connect(file);
  } catch (error) {
    if (!isDamage(error)) throw error;
    if (await wasIndex(file)) return undefined;
    throw new UserError(
      `${file} is not an AssetLens index (${messageOf(error)}), so AssetLens does not change it. Rename that file, ` +
        'or choose another name for the index that ends in .db.',
    );
  }
}

async function recoverWithLock(file: string, id: bigint | undefined): Promise<Database> {
  try {
    return await withFileLock(`${file}-recovering`, () => recover(file, id));
  } catch (error) {
    throw error instanceof Error && 'syscall' in error ? renameRefused(file, error) : error;
  }
}

async function recover(file: string, id: bigint | undefined): Promise<Database> {
  if ((await idOf(file)) !== id) return databaseOf(await connect(file), file); // another process has recovered it
  const { rows, complete } = salvageManualTags(file);
  const { keptAs, deleted } = await moveAside(file);
  const recovered = { keptAs, manualTags: rows.length, complete, deletedCopies: deleted };
  const database = await databaseOf(await connect(file), file, recovered);
  try {
    const insert = 'INSERT INTO manual_tags (hash, label, holds, given_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING';
    await database.write(rows.map((row): Statement => [insert, ...row]));
    return database;
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
}

async function databaseOf(
  { connection, readOnly }: IndexConnection,
  file: string,
  recovered?: RecoveredIndex,
): Promise<Database> {
  return new IndexDatabase(file, connection, await fileStateOf(file), readOnly, recovered);
}

interface FileState {
  readonly id: bigint | undefined;
  readonly size: bigint;
  /** Nanoseconds. */
  readonly mtime: bigint;
}

async function fileStateOf(file: string): Promise<FileState> {
  return stat(file, { bigint: true }).then(
    ({ ino, size, mtimeNs }) => ({ id: ino, size, mtime: mtimeNs }),
    () => ({ id: undefined, size: 0n, mtime: 0n }),
  );
}

class IndexDatabase implements Database {
  readonly file: string;
  readonly readOnly: string | undefined;
  readonly recovered: RecoveredIndex | undefined;
  readonly #connection: DatabaseSync;
  readonly #opened: FileState;
  readonly #writer: WriterThread;
  readonly #statements = new Map<string, StatementSync>();

  constructor(
    file: string,
    connection: DatabaseSync,
    opened: FileState,
    readOnly: string | undefined,
    recovered: RecoveredIndex | undefined,
  ) {
    this.file = file;
    this.readOnly = readOnly;
    this.recovered = recovered;
    this.#connection = connection;
    this.#opened = opened;
    this.#writer = new WriterThread(file);
  }

  all(sql: string, ...parameters: SQLInputValue[]): Row[] {
    return this.#translated(() => this.#prepare(sql).all(...parameters));
  }

  get(sql: string, ...parameters: SQLInputValue[]): Row | undefined {
    return this.#translated(() => this.#prepare(sql).get(...parameters));
  }

  damaged(detail: string): UserError {
    return damageFound(this.file, this.#opened.id, detail);
  }

  async write(statements: readonly Statement[]): Promise<number[]> {
    if (this.readOnly !== undefined) throw notWritable(this.file, this.readOnly);
    return this.#writer.write(statements).catch((error: unknown) => {
      throw toUserError(error, this.file, this.#opened.id);
    });
  }

  async cache(statements: readonly Statement[]): Promise<void> {
    if (this.readOnly === undefined) await this.write(statements);
  }

  async isReplaced(): Promise<boolean> {
    const { id, size, mtime } = await fileStateOf(this.file);
    if (id !== this.#opened.id) return true;
    return this.readOnly !== undefined && (size !== this.#opened.size || mtime !== this.#opened.mtime);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The last connection that closes moves the log into the file, which waits for the disk: close this one first, so
    // that it is the writer's, on its own thread.
    if (this.#connection.isOpen) this.#connection.close();
    await this.#writer[Symbol.asyncDispose]();
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const prepared = this.#connection.prepare(sql);
    this.#statements.set(sql, prepared);
    return prepared;
  }

  #translated<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw toUserError(error, this.file, this.#opened.id);
    }
  }
}
