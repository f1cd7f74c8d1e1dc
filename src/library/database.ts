import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { HumanError, messageOf } from '../clip/index.ts';
import { migrate } from './migrations.ts';

/** One row of a result: a value for each column. */
export type Row = Record<string, SQLOutputValue>;

/**
 * One connection to an index file; other processes may have it open too. Its calls block the thread, so results are read in
 * pages and transactions are short. SQLite's errors come out as errors for people.
 */
export interface Database extends Disposable {
  readonly file: string;
  all(sql: string, ...parameters: SQLInputValue[]): Row[];
  get(sql: string, ...parameters: SQLInputValue[]): Row | undefined;
  /** @returns the number of rows it changed */
  run(sql: string, ...parameters: SQLInputValue[]): number;
  /**
   * Runs `work` in a transaction of its own: all of it is kept, or nothing. Waits for another process that is writing
   * without blocking this thread, and lets other work of the thread have its turn afterwards.
   */
  write<T>(work: () => T): Promise<T>;
}

/** How long another process may hold the index before we give up, in milliseconds; its transactions take a few. */
const PATIENCE = 15_000;
/** A read waits only where another process recovers or closes the file. */
const READ_PATIENCE = 2000;

/**
 * Opens or creates the index file; its folder exists.
 * @throws HumanError where the file is damaged, another program's, of a newer version, or cannot be written
 */
export async function openDatabase(file: string): Promise<Database> {
  let connection: DatabaseSync | undefined;
  try {
    connection = new DatabaseSync(file);
    await prepareConnection(connection, file);
  } catch (error) {
    if (connection?.isOpen) connection.close();
    throw humanError(error, file);
  }
  return databaseOver(connection, file);
}

async function prepareConnection(connection: DatabaseSync, file: string): Promise<void> {
  // The file becomes a WAL database under an exclusive lock, for which SQLite does not always wait by itself.
  await untilNotBusy(() => {
    connection.exec(`PRAGMA busy_timeout = ${READ_PATIENCE}; PRAGMA page_size = 8192; PRAGMA journal_mode = WAL;`);
  });
  // A commit survives a crash of the process, and a loss of power costs the last commits at most, never the file.
  connection.exec('PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;');
  await untilNotBusy(() => {
    migrate(connection, file);
  });
}

function databaseOver(connection: DatabaseSync, file: string): Database {
  const humanly = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw humanError(error, file);
    }
  };
  const begin = (): void => {
    connection.exec('PRAGMA busy_timeout = 0');
    try {
      connection.exec('BEGIN IMMEDIATE');
    } finally {
      connection.exec(`PRAGMA busy_timeout = ${READ_PATIENCE}`);
    }
  };
  // Without a pause between beginning and committing, or two writes of this thread would meet in one transaction.
  const inTransaction = <T>(work: () => T): T => {
    begin();
    try {
      const result = work();
      connection.exec('COMMIT');
      return result;
    } finally {
      if (connection.isTransaction) connection.exec('ROLLBACK');
    }
  };
  const statements = new Map<string, StatementSync>();
  const statement = (sql: string): StatementSync => {
    const known = statements.get(sql);
    if (known) return known;
    const prepared = connection.prepare(sql);
    statements.set(sql, prepared);
    return prepared;
  };
  return {
    file,
    all: (sql, ...parameters) => humanly(() => statement(sql).all(...parameters)),
    get: (sql, ...parameters) => humanly(() => statement(sql).get(...parameters)),
    run: (sql, ...parameters) => humanly(() => Number(statement(sql).run(...parameters).changes)),
    async write(work) {
      try {
        const result = await untilNotBusy(() => inTransaction(work));
        await nextTurn();
        return result;
      } catch (error) {
        throw humanError(error, file);
      }
    },
    [Symbol.dispose]() {
      if (connection.isOpen) connection.close();
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

// SQLite's primary result codes.
const OK = 0;
const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;

function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  return error.errcode & 0xff; // the upper bits are the extended code
}

/** What a person can do about an error of SQLite; other errors stay what they are. */
function humanError(error: unknown, file: string): unknown {
  switch (resultCode(error) ?? OK) {
    case CORRUPT:
    case NOTADB:
      return new HumanError(
        `The index ${file} is damaged (${messageOf(error)}). Delete it, with ${file}-wal and ${file}-shm: ` +
          'it is made anew from the images.',
      );
    case CANTOPEN:
    case READONLY:
      return new HumanError(
        `The index ${file} cannot be written (${messageOf(error)}). Check the permissions of its folder, or choose another index file.`,
      );
    case BUSY:
    case LOCKED:
      return new HumanError(
        `Another program has locked the index ${file} for too long. Close the other AssetLens or database tool and try again.`,
      );
    case FULL:
    case IOERR:
      return new HumanError(
        `The index ${file} cannot be read or written (${messageOf(error)}). Check that its disk has space and is connected.`,
      );
    default:
      return error;
  }
}
