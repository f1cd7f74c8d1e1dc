import { writeFileSync } from 'node:fs';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { isMissing } from '../../base/fileErrors.ts';
import { messageOf, UserError } from '../../base/userError.ts';
import { APPLICATION_ID } from './migrations.ts';

/** The result of a recovery: the damaged index was renamed, and a new one took its place. */
export interface RecoveredIndex {
  /** Path of the damaged file after the rename. */
  readonly keptAs: string;
  /** Number of manual tags that the new index took over from it. */
  readonly manualTags: number;
  /** False if the damaged file may contain more of them. */
  readonly complete: boolean;
}

const markerOf = (file: string): string => `${file}-damaged`;

/**
 * Returns the error to throw when an open index turns out to be damaged. A file in use cannot be renamed, so a marker
 * file beside it tells the next process to recover it.
 * @param id id of the open file; another file may have replaced it under its name
 */
export function damageFound(file: string, id: bigint | undefined, detail: string): UserError {
  const found = `The index ${file} is damaged (${detail}).`;
  try {
    writeFileSync(markerOf(file), `${id ?? ''}`);
  } catch (error) {
    return new UserError(
      `${found} Move it to another folder, together with ${file}-wal and ${file}-shm. AssetLens then creates a new index ` +
        `without the manual tags of the damaged one. (It could not be marked as damaged: ${messageOf(error)}.)`,
    );
  }
  return new UserError(
    `${found} Reload the window, or run the command again. AssetLens then renames the damaged file and creates a new index ` +
      'with the manual tags that can still be read.',
  );
}

/** Tells whether a process found this file damaged while it was open. */
export async function isMarkedDamaged(file: string, id: bigint | undefined): Promise<boolean> {
  try {
    return id !== undefined && (await readFile(markerOf(file), 'utf8')) === String(id);
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Tells whether a file that SQLite cannot read was an index. Only such a file may be renamed. */
export async function wasIndex(file: string): Promise<boolean> {
  const header = Buffer.alloc(72);
  await using handle = await open(file);
  const { bytesRead } = await handle.read(header, 0, header.length, 0);
  if (bytesRead === header.length && header.toString('latin1').startsWith('SQLite format 3\0')) {
    return header.readUInt32BE(68) === APPLICATION_ID;
  }
  return path.extname(file) === '.db';
}

/** Returns the id (inode) that distinguishes a file from another one of the same name; undefined if there is none. */
export async function idOf(file: string): Promise<bigint | undefined> {
  return stat(file, { bigint: true }).then(
    ({ ino }) => ino,
    () => undefined,
  );
}

/**
 * Renames a damaged index. The caller holds the lock for its recovery.
 * @returns the new path
 * @throws UserError if the file cannot be renamed
 */
export async function moveAside(file: string): Promise<string> {
  const { dir, name, ext } = path.parse(file);
  const now = new Date().toISOString().slice(0, 19).replace('T', '-').replaceAll(':', '');
  const keptAs = path.join(dir, `${name}.damaged-${now}${ext}`);
  try {
    // The log first: if it stayed, SQLite would apply it to the new file.
    for (const part of ['-wal', '-shm', '']) {
      await rename(file + part, keptAs + part).catch((error: unknown) => {
        if (part === '' || !isMissing(error)) throw error;
      });
    }
    await rm(markerOf(file), { force: true });
    return keptAs;
  } catch (error) {
    throw renameRefused(file, error);
  }
}

export function renameRefused(file: string, error: unknown): UserError {
  return new UserError(
    `The index ${file} is damaged and cannot be renamed (${messageOf(error)}). Close other windows and programs that use it, ` +
      'check that its folder can be written, and try again.',
  );
}
