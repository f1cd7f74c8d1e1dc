import { constants } from 'node:fs';
import { lstat, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { isLink, isMissing } from '../../base/fileErrors.ts';
import { messageOf, UserError } from '../../base/userError.ts';
import { replaceFile } from './besideFiles.ts';
import { APPLICATION_ID } from './migrations.ts';

/** The result of a recovery: the damaged index was renamed, and a new one took its place. */
export interface RecoveredIndex {
  /** Path of the damaged file after the rename. */
  readonly keptAs: string;
  /** Number of manual tags that the new index took over from it. */
  readonly manualTags: number;
  /** False if the damaged file may contain more of them. */
  readonly complete: boolean;
  /** Number of older damaged files that were deleted: the newest MOST_COPIES are kept. */
  readonly deletedCopies: number;
}

/** Damaged files that are kept beside an index. */
export const MOST_COPIES = 3;

const markerOf = (file: string): string => `${file}-damaged`;

/**
 * Returns the error to throw when an open index turns out to be damaged. A file in use cannot be renamed, so a marker
 * file beside it tells the next process to recover it.
 * @param id id of the open file; another file may have replaced it under its name
 */
export function damageFound(file: string, id: bigint | undefined, detail: string): UserError {
  const found = `The index ${file} is damaged (${detail}).`;
  try {
    replaceFile(markerOf(file), `${id ?? ''}`);
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
  if (id === undefined) return false;
  const expected = Buffer.from(String(id));
  const found = Buffer.alloc(expected.length + 1);
  try {
    // The marker may be a link or a pipe of a stranger.
    await using handle = await open(markerOf(file), READ_ONLY_FILE);
    if (!(await handle.stat()).isFile()) return false;
    const { bytesRead } = await handle.read(found, 0, found.length, 0);
    return found.subarray(0, bytesRead).equals(expected);
  } catch (error) {
    if (isMissing(error) || isLink(error)) return false;
    throw error;
  }
}

/** Refuses links, and does not wait for pipes. On Windows, both are undefined, which has no effect. */
const READ_ONLY_FILE = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

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

/** A damaged index after its rename. */
interface MovedIndex {
  /** The new path. */
  readonly keptAs: string;
  /** Number of older damaged files that were deleted. */
  readonly deleted: number;
}

/**
 * Renames a damaged index, and deletes all except the newest damaged files beside it. The caller holds the lock for its
 * recovery.
 * @throws UserError if the file cannot be renamed
 */
export async function moveAside(file: string): Promise<MovedIndex> {
  const now = new Date().toISOString().slice(0, 19).replace('T', '-').replaceAll(':', '');
  try {
    const keptAs = await newCopy(file, now);
    // The log first: if it stayed, SQLite would apply it to the new file.
    for (const part of ['-wal', '-shm', '']) {
      await rename(file + part, keptAs + part).catch((error: unknown) => {
        if (part === '' || !isMissing(error)) throw error;
      });
    }
    await rm(markerOf(file), { force: true });
    return { keptAs, deleted: await deleteOldCopies(file) };
  } catch (error) {
    throw renameRefused(file, error);
  }
}

/** A damaged file of an earlier recovery. */
interface Copy {
  readonly entry: string;
  /** Time of its recovery, and its number among those of the same second. */
  readonly time: string;
  readonly count: number;
}

/** Returns a path for a copy, after the other copies of the same second. */
async function newCopy(file: string, time: string): Promise<string> {
  const { dir, name, ext } = path.parse(file);
  const sameTime = (await copiesOf(file)).filter((copy) => copy.time === time);
  for (let count = 1 + Math.max(0, ...sameTime.map((copy) => copy.count)); ; count++) {
    const candidate = path.join(dir, `${name}.damaged-${time}${count > 1 ? `-${count}` : ''}${ext}`);
    if (!(await isThere(candidate))) return candidate;
  }
}

async function copiesOf(file: string): Promise<Copy[]> {
  const { dir, name, ext } = path.parse(file);
  const start = `${name}.damaged-`;
  return (await readdir(dir)).flatMap((entry) => {
    if (!entry.startsWith(start) || !entry.endsWith(ext)) return [];
    const parts = /^(\d{4}-\d\d-\d\d-\d{6})(?:-(\d+))?$/.exec(entry.slice(start.length, entry.length - ext.length));
    return parts ? [{ entry, time: parts[1] ?? '', count: Number(parts[2] ?? 1) }] : [];
  });
}

/** @returns the number of damaged files that were deleted */
async function deleteOldCopies(file: string): Promise<number> {
  const copies = await copiesOf(file);
  copies.sort((a, b) => (a.time === b.time ? b.count - a.count : a.time < b.time ? 1 : -1));
  const old = copies.slice(MOST_COPIES);
  for (const { entry } of old) {
    for (const part of ['-wal', '-shm', '']) await rm(path.join(path.dirname(file), entry + part), { force: true });
  }
  return old.length;
}

async function isThere(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  );
}

export function renameRefused(file: string, error: unknown): UserError {
  return new UserError(
    `The index ${file} is damaged and cannot be renamed (${messageOf(error)}). Close other windows and programs that use it, ` +
      'check that its folder can be written, and try again.',
  );
}
