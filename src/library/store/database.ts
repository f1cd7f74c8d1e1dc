import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError, messageOf } from '../../clip/index.ts';
import {
  damageFound,
  idOf,
  isMarkedDamaged,
  moveAside,
  recoverAlone,
  salvageManualTags,
  wasIndex,
  type RecoveredIndex,
} from './damagedIndex.ts';
import { migrate } from './migrations.ts';
import {
  BUSY,
  CANTOPEN,
  CORRUPT,
  FULL,
  IOERR,
  LOCKED,
  NOTADB,
  OK,
  READONLY,
  resultCode,
  saysDamaged,
} from './sqliteErrors.ts';
import { createWriterThread, type Statement } from './writerThread.ts';

/** One row of a result: a value for each column. */
export type Row = Record<string, SQLOutputValue>;

/**
 * An index file, which other processes may have open too. Reads block this thread, so results are read in pages; writes happen
 * on another. SQLite's errors come out as errors for people.
 */
export interface Database extends AsyncDisposable {
  readonly file: string;
  /** Where this is a new index in the place of a damaged one. */
  readonly recovered: RecoveredIndex | undefined;
  all(sql: string, ...parameters: SQLInputValue[]): Row[];
  get(sql: string, ...parameters: SQLInputValue[]): Row | undefined;
  /** The error to throw where what was read cannot be: the next to open the file begins a new one. */
  damaged(detail: string): UserError;
  /**
   * Runs statements in one transaction: all are kept, or none. Reads see them when it is fulfilled.
   * @returns how many rows each has changed
   */
  write(statements: readonly Statement[]): Promise<number[]>;
}

/** How long opening may wait for another process, in milliseconds. */
const PATIENCE = 15_000;
/** A read waits only where another process recovers or closes the file. */
const READ_PATIENCE = 2000;

/**
 * Opens or creates the index file; its folder exists. A damaged one is kept under another name, and a new one begun with those of
 * its tags given by hand that can be read.
 * @throws UserError where the file is another program's, of a newer version, or cannot be written
 */
export async function openDatabase(file: string): Promise<Database> {
  try {
    const id = await idOf(file);
    const connection = (await isMarkedDamaged(file, id)) ? undefined : await connectUnlessDamaged(file);
    return connection ? await databaseOver(connection, file) : await recoverAlone(file, () => recover(file, id));
  } catch (error) {
    throw humanError(error, file);
  }
}

/** @returns undefined where the file is a damaged index */
async function connectUnlessDamaged(file: string): Promise<DatabaseSync | undefined> {
  try {
    return await connect(file);
  } catch (error) {
    if (!saysDamaged(error)) throw error;
    if (await wasIndex(file)) return undefined;
    throw new UserError(
      `${file} is no index of AssetLens (${messageOf(error)}), so it is left alone. No index can be kept under this name: ` +
        'rename that file, or give the index another name that ends in .db.',
    );
  }
}

async function recover(file: string, id: bigint | undefined): Promise<Database> {
  if ((await idOf(file)) !== id) return databaseOver(await connect(file), file); // another process was faster
  const { rows, complete } = salvageManualTags(file);
  const keptAs = await moveAside(file);
  const connection = await connect(file);
  try {
    connection.exec('BEGIN IMMEDIATE');
    const insert = connection.prepare('INSERT INTO hand_tags VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING');
    for (const row of rows) insert.run(...row);
    connection.exec('COMMIT');
  } catch (error) {
    connection.close();
    throw error;
  }
  return databaseOver(connection, file, { keptAs, manualTags: rows.length, complete });
}

async function connect(file: string): Promise<DatabaseSync> {
  const connection = new DatabaseSync(file);
  try {
    await prepareConnection(connection, file);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

async function prepareConnection(connection: DatabaseSync, file: string): Promise<void> {
  // The file becomes a WAL database under an exclusive lock, for which SQLite does not always wait by itself.
  await untilNotBusy(() => {
    connection.exec(`PRAGMA busy_timeout = ${READ_PATIENCE}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;`);
  });
  await untilNotBusy(() => {
    migrate(connection, file);
  });
}

async function databaseOver(connection: DatabaseSync, file: string, recovered?: RecoveredIndex): Promise<Database> {
  const id = await idOf(file);
  const writer = createWriterThread(file);
  const statements = new Map<string, StatementSync>();
  const statement = (sql: string): StatementSync => {
    const known = statements.get(sql);
    if (known) return known;
    const prepared = connection.prepare(sql);
    statements.set(sql, prepared);
    return prepared;
  };
  const humanly = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw humanError(error, file, id);
    }
  };
  return {
    file,
    recovered,
    all: (sql, ...parameters) => humanly(() => statement(sql).all(...parameters)),
    get: (sql, ...parameters) => humanly(() => statement(sql).get(...parameters)),
    damaged: (detail) => damageFound(file, id, detail),
    async write(changes) {
      return writer.write(changes).catch((error: unknown) => {
        throw humanError(error, file, id);
      });
    },
    async [Symbol.asyncDispose]() {
      // Whoever closes last moves the log into the file and waits for the disk: not this thread, if there is another.
      if (connection.isOpen) connection.close();
      await writer[Symbol.asyncDispose]();
    },
  };
}

async function untilNotBusy<T>(work: () => T): Promise<T> {
  for (const deadline = Date.now() + PATIENCE; ;) {
    try {
      return work();
    } catch (error) {
      if (resultCode(error) !== BUSY || Date.now() > deadline) throw error;
    }
    await sleep(2 + Math.random() * 20); // not in step with another process that waits too
  }
}

/**
 * What a person can do about an error of SQLite; other errors stay what they are.
 * @param id of the file, where it is open
 */
function humanError(error: unknown, file: string, id?: bigint): unknown {
  switch (resultCode(error) ?? OK) {
    case CORRUPT:
    case NOTADB:
      return damageFound(file, id, messageOf(error));
    case CANTOPEN:
    case READONLY:
      return new UserError(
        `The index ${file} cannot be written (${messageOf(error)}). Check that its folder can be written.`,
      );
    case BUSY:
    case LOCKED:
      return new UserError(
        `Another program has locked the index ${file} for too long. Close the other AssetLens or database tool and try again.`,
      );
    case FULL:
    case IOERR:
      return new UserError(
        `The index ${file} cannot be read or written (${messageOf(error)}). Check that its disk has space and is connected.`,
      );
    default:
      return error;
  }
}
