import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { DatabaseSync } from 'node:sqlite';

const POLL_MILLISECONDS = 200;

/**
 * Runs work while no other process, and no other caller in this process, holds the lock. It is SQLite's lock on an
 * empty database, which the system releases when its holder terminates. So a lock is never stale, and a slow holder
 * keeps its lock.
 * @param file created where it is missing, and kept
 * @param onWait called once if another caller holds the lock
 */
export async function withLock<T>(
  file: string,
  work: () => Promise<T>,
  signal?: AbortSignal,
  onWait?: () => void,
): Promise<T> {
  const database = await lock(file, signal, onWait);
  try {
    return await work();
  } finally {
    database.close();
  }
}

/**
 * Like withLock, but does nothing if another caller holds the lock.
 * @returns whether the work ran
 */
export async function ifUnlocked(file: string, work: () => Promise<void>): Promise<boolean> {
  await mkdir(path.dirname(file), { recursive: true });
  const database = tryLock(file);
  if (!database) return false;
  try {
    await work();
    return true;
  } finally {
    database.close();
  }
}

async function lock(file: string, signal?: AbortSignal, onWait?: () => void): Promise<DatabaseSync> {
  await mkdir(path.dirname(file), { recursive: true });
  for (let isFirst = true; ; isFirst = false) {
    signal?.throwIfAborted();
    const database = tryLock(file);
    if (database) return database;
    if (isFirst) onWait?.();
    await setTimeout(POLL_MILLISECONDS, undefined, { signal });
  }
}

function tryLock(file: string): DatabaseSync | null {
  const database = new DatabaseSync(file);
  try {
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database.close();
    if (isBusy(error)) return null;
    throw error;
  }
}

function isBusy(error: unknown): boolean {
  const SQLITE_BUSY = 5;
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}
