import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { HumanError, messageOf } from '../clip/index.ts';
import { migrate } from './migrations.ts';
import { createWriterThread, type Statement } from './writerThread.ts';

/** One row of a result: a value for each column. */
export type Row = Record<string, SQLOutputValue>;

/**
 * An index file, which other processes may have open too. Reads block this thread, so results are read in pages; writes happen
 * on another. SQLite's errors come out as errors for people.
 */
export interface Database extends AsyncDisposable {
  readonly file: string;
  all(sql: string, ...parameters: SQLInputValue[]): Row[];
  get(sql: string, ...parameters: SQLInputValue[]): Row | undefined;
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
    connection.exec(`PRAGMA busy_timeout = ${READ_PATIENCE}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;`);
  });
  await untilNotBusy(() => {
    migrate(connection, file);
  });
}

function databaseOver(connection: DatabaseSync, file: string): Database {
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
      throw humanError(error, file);
    }
  };
  return {
    file,
    all: (sql, ...parameters) => humanly(() => statement(sql).all(...parameters)),
    get: (sql, ...parameters) => humanly(() => statement(sql).get(...parameters)),
    async write(changes) {
      return writer.write(changes).catch((error: unknown) => {
        throw humanError(error, file);
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
