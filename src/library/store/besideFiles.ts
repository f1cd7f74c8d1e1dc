import { randomUUID } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { lstat, stat } from 'node:fs/promises';
import { isMissing } from '../../base/fileErrors.ts';
import { messageOf, UserError } from '../../base/userError.ts';

/** Suffixes of the files that SQLite writes beside a database. */
const SQLITE_SUFFIXES = ['-wal', '-shm', '-journal'];

/**
 * Writes a small file beside an index. It replaces a file or link of this name, and never writes through a link that a
 * repository may contain.
 * @throws the error of the file system
 */
export function replaceFile(file: string, text: string): void {
  const temporary = `${file}-${randomUUID()}`;
  writeFileSync(temporary, text, { flag: 'wx' });
  try {
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/**
 * Checks an index file before SQLite opens it: SQLite creates the target of a link that leads nowhere, and waits for
 * ever for a pipe.
 * @throws UserError if the file or a file that SQLite needs beside it cannot be used
 */
export async function assertRegularFiles(file: string): Promise<void> {
  if ((await lstat(file).catch(() => undefined))?.isSymbolicLink()) await assertTarget(file);
  const state = await stat(file).catch(() => undefined);
  if (state && !state.isFile() && !state.isDirectory()) throw notRegular(file); // SQLite reports a folder itself
  for (const suffix of SQLITE_SUFFIXES) {
    const state = await lstat(file + suffix).catch(() => undefined);
    if (state && !state.isFile()) throw notRegular(file + suffix);
  }
}

function notRegular(file: string): UserError {
  return new UserError(
    `${file} is not a regular file, so AssetLens does not use it. Delete it, or pass another index file to --index.`,
  );
}

async function assertTarget(link: string): Promise<void> {
  try {
    await stat(link);
  } catch (error) {
    const reason = isMissing(error) ? 'its target does not exist' : messageOf(error);
    throw new UserError(
      `The index ${link} is a link that cannot be used (${reason}). Delete the link, or pass another index file to --index.`,
    );
  }
}
