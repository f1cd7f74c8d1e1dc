import { lstat, open, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isExisting } from '../../base/fileErrors.ts';

/** Age in milliseconds from which the owner of a lock is assumed to have crashed. The work under a lock is short. */
const STALE = 30_000;

/**
 * Runs `work` while no other process runs work under the same lock file.
 * @throws the error of the file system if the lock file cannot be created
 */
export async function withFileLock<T>(lock: string, work: () => Promise<T>): Promise<T> {
  while (!(await tryLock(lock))) {
    // A time in the future, from another machine or written by a stranger, says nothing about the owner.
    if (Math.abs(Date.now() - (await timeOf(lock))) > STALE) await rm(lock, { force: true });
    else await sleep(20);
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function tryLock(lock: string): Promise<boolean> {
  try {
    await (await open(lock, 'wx')).close();
    return true;
  } catch (error) {
    if (isExisting(error)) return false;
    throw error;
  }
}

async function timeOf(lock: string): Promise<number> {
  return lstat(lock).then(
    (state) => (state.isFile() ? state.mtimeMs : -Infinity), // no process of ours creates a link
    () => Date.now(), // its owner removed it meanwhile
  );
}
