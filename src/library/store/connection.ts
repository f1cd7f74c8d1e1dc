import { stat } from 'node:fs/promises';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { messageOf } from '../../base/userError.ts';
import { assertCurrentSchema, migrate, schemaVersion } from './migrations.ts';
import { openSqlite } from './openSqlite.ts';
import { BUSY, isWriteRefusal, resultCode } from './sqliteErrors.ts';

/** Time in milliseconds that opening may wait for another process. */
const PATIENCE = 15_000;
/** A read waits only while another process recovers or closes the file. */
const READ_PATIENCE = 2000;

/** A connection to an index file whose schema is current. */
export interface IndexConnection {
  readonly connection: DatabaseSync;
  /** The reason why the file cannot be written; undefined if it can. */
  readonly readOnly: string | undefined;
}

/**
 * Opens or creates an index file and brings its schema up to date. A file that exists and cannot be written is opened
 * for reading.
 * @throws an SQLite error; a UserError if the file belongs to another program or its schema cannot be used
 */
export async function connect(file: string): Promise<IndexConnection> {
  try {
    return { connection: await connectForWriting(file), readOnly: undefined };
  } catch (error) {
    if (!isWriteRefusal(error) || !(await isFile(file))) throw error;
    return { connection: connectForReading(file), readOnly: messageOf(error) };
  }
}

async function connectForWriting(file: string): Promise<DatabaseSync> {
  const connection = openSqlite(file);
  try {
    connection.exec(`PRAGMA busy_timeout = ${READ_PATIENCE}`);
    await untilNotBusy(() => {
      schemaVersion(connection, file); // before the first change
    });
    // The change to WAL takes an exclusive lock, for which SQLite does not always wait.
    await untilNotBusy(() => {
      connection.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    });
    await untilNotBusy(() => {
      migrate(connection, file);
    });
    assertWritable(connection);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Tries a change, because SQLite opens a read-only file without an error and fails only at the first change. */
function assertWritable(connection: DatabaseSync): void {
  connection.exec('PRAGMA busy_timeout = 0');
  try {
    connection.exec('BEGIN IMMEDIATE; UPDATE library SET generation = generation');
  } catch (error) {
    if (resultCode(error) !== BUSY) throw error; // another process is writing, so the file can be written
  } finally {
    if (connection.isTransaction) connection.exec('ROLLBACK');
    connection.exec(`PRAGMA busy_timeout = ${READ_PATIENCE}`);
  }
}

/**
 * Opens a file that cannot be written. A WAL database needs two more files beside it. If they do not exist and cannot
 * be created, SQLite reads the database only with the option "immutable", which states that no process changes it.
 */
function connectForReading(file: string): DatabaseSync {
  try {
    return openForReading(file, file);
  } catch (error) {
    if (!isWriteRefusal(error)) throw error;
    const immutable = pathToFileURL(file);
    immutable.searchParams.set('immutable', '1');
    return openForReading(immutable, file);
  }
}

function openForReading(address: string | URL, file: string): DatabaseSync {
  const connection = openSqlite(address, { readOnly: true });
  try {
    connection.exec(`PRAGMA busy_timeout = ${READ_PATIENCE}`);
    assertCurrentSchema(connection, file);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

async function untilNotBusy(work: () => void): Promise<void> {
  for (const deadline = Date.now() + PATIENCE; ;) {
    try {
      work();
      return;
    } catch (error) {
      if (resultCode(error) !== BUSY || Date.now() > deadline) throw error;
    }
    await sleep(2 + Math.random() * 20); // random, so that two waiting processes do not collide again
  }
}

async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (entry) => entry.isFile(),
    () => false,
  );
}
