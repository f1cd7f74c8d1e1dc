import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { isExisting } from '../../base/fileErrors.ts';
import { messageOf, UserError } from '../../base/userError.ts';
import { indexesFolder, type IndexLocation } from './indexLocation.ts';

/**
 * Name of the file beside each index in the user's data folder. It contains the folder of images that the index belongs
 * to.
 */
const DESCRIPTION = 'folder.json';
const description = z.object({ folder: z.string() });

/** An index in the user's data folder. */
export interface UserIndex {
  /** Folder of images that the index belongs to; null if its description cannot be read. */
  readonly folder: string | null;
  /** Whether the folder of images exists. */
  readonly exists: boolean;
  /** Folder of the index file and of the files beside it. */
  readonly path: string;
  readonly bytes: number;
}

/**
 * Creates the folder of an index file that does not exist yet. An index inside a folder of images gets a .gitignore, so
 * that the repository needs no new rule. An index in the user's data folder gets a description of the folder that it
 * belongs to.
 * @throws UserError if the folder cannot be created
 */
export async function createIndexFolder({ file, kind, folder }: Omit<IndexLocation, 'distrusted'>): Promise<void> {
  if (await exists(file)) return; // its folder may be read-only
  const parent = path.dirname(file);
  try {
    // File names and labels are private.
    await mkdir(parent, { recursive: true, ...(kind === 'userData' && { mode: 0o700 }) });
    if (kind === 'inFolder') await writeNew(path.join(parent, '.gitignore'), '*\n');
    if (kind === 'userData') await writeNew(path.join(parent, DESCRIPTION), `${JSON.stringify({ folder })}\n`);
  } catch (error) {
    const advice =
      kind === 'userData'
        ? 'Set ASSETLENS_INDEXES to a folder that you can write to, or pass an index file to --index'
        : 'Check the permissions of its parent folder';
    throw new UserError(`The folder ${parent} for the index cannot be created (${messageOf(error)}). ${advice}.`);
  }
}

/** Lists the indexes in the user's data folder. */
export async function listUserIndexes(environment?: NodeJS.ProcessEnv): Promise<UserIndex[]> {
  const parent = indexesFolder(environment);
  const entries = await readdir(parent, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => path.join(parent, name));
  return Promise.all(folders.sort().map(describe));
}

async function describe(indexFolder: string): Promise<UserIndex> {
  const folder = await readDescription(path.join(indexFolder, DESCRIPTION));
  const exists = folder !== null && (await isFolder(folder));
  const entries = await readdir(indexFolder).catch(() => []);
  const sizes = await Promise.all(entries.map((name) => sizeOf(path.join(indexFolder, name))));
  return { folder, exists, path: indexFolder, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

async function readDescription(file: string): Promise<string | null> {
  try {
    return description.parse(JSON.parse(await readFile(file, 'utf8'))).folder;
  } catch {
    return null; // one unreadable description must not fail the whole list
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

async function isFolder(folder: string): Promise<boolean> {
  return stat(folder).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

/** Writes a file that does not exist; it never replaces a file and never follows a link. */
async function writeNew(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx' });
  } catch (error) {
    if (!isExisting(error)) throw error;
  }
}
