import { constants, copyFile, link, mkdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * Puts a file into a model folder: as a second name of the same bytes where they stay as they are and the file system allows it, so that
 * they take no room twice and survive a cache that is emptied; else as a copy.
 */
export async function placeFile(from: string, to: string, mayShare: boolean): Promise<void> {
  await mkdir(path.dirname(to), { recursive: true });
  const file = await realpath(from);
  const shared = mayShare && (await link(file, to).then(() => true, () => false));
  if (!shared) await copyFile(file, to, constants.COPYFILE_FICLONE);
}

/** Bytes of files, by their names with "/" below a folder. */
export async function sizeOfFiles(root: string, names: readonly string[]): Promise<number> {
  let sum = 0;
  for (const name of names) sum += (await stat(path.join(root, name))).size;
  return sum;
}
