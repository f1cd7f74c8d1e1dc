import { lstatSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Library } from '../library.ts';
import { openSqlite } from '../store/openSqlite.ts';
import { isWriteRefusal, resultCode } from '../store/sqliteErrors.ts';
import { inside } from '../store/store.ts';

const POLL_MILLISECONDS = 200;
/** Time without a change to the index after which the process that holds the lock is assumed to hang. */
const STALLED_MILLISECONDS = 30_000;

export interface UpdateLockOptions {
  readonly signal: AbortSignal;
  /** Called once if another process holds the lock. */
  readonly onWait: () => void;
}

/**
 * Runs an update of an index while no other process, and no other library of this process, updates it with the same
 * model. Two updates would embed the same images. The lock only saves work. So an update runs without it if the lock
 * file cannot be created, or if the process that holds it makes no progress.
 *
 * The lock is a write transaction on an empty SQLite file. The system releases it when its process ends, even after a
 * crash.
 * @throws the signal's reason if it aborts
 */
export async function withUpdateLock<T>(
  library: Library,
  options: UpdateLockOptions,
  work: () => Promise<T>,
): Promise<T> {
  const file = `${library.indexFile}-updating-${library[inside].model.id}`;
  const lock = await acquire(file, library, options);
  try {
    return await work();
  } finally {
    if (lock !== 'none') {
      // On Windows, the file stays while another process waits for the lock.
      await rm(file, { force: true }).catch(() => undefined);
      lock.close();
    }
  }
}

type Lock = DatabaseSync | 'none';

async function acquire(file: string, library: Library, { signal, onWait }: UpdateLockOptions): Promise<Lock> {
  const first = tryLock(file);
  if (first) return first;
  onWait();
  let version = library.version();
  let changedAt = Date.now();
  while (Date.now() - changedAt < STALLED_MILLISECONDS) {
    await sleep(POLL_MILLISECONDS, undefined, { signal });
    const lock = tryLock(file);
    if (lock) return lock;
    const now = library.version();
    if (now !== version) changedAt = Date.now();
    version = now;
  }
  return 'none';
}

/**
 * Each attempt opens the file again, because its owner deletes it.
 * @returns undefined if the lock is held, or was just deleted
 */
function tryLock(file: string): Lock | undefined {
  if (!isUsable(file)) return 'none';
  let connection: DatabaseSync | undefined;
  try {
    connection = openSqlite(file);
    connection.exec('BEGIN IMMEDIATE');
    return connection;
  } catch (error) {
    if (connection?.isOpen) connection.close();
    if (resultCode(error) === undefined) throw error;
    return isWriteRefusal(error) ? 'none' : undefined;
  }
}

/**
 * Tells whether SQLite can open a lock file. It removes a link or a pipe of this name: SQLite would create the target
 * of the link, or wait for the pipe for ever.
 */
function isUsable(file: string): boolean {
  try {
    const state = lstatSync(file, { throwIfNoEntry: false });
    if (state && !state.isFile()) rmSync(file, { force: true });
    return true;
  } catch {
    return false; // the folder cannot be read or written
  }
}
