import { constants, copyFile, link, mkdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * Links a file into a model folder if `mayShare` and the file system allow it. A hard link takes no space and survives
 * the deletion of the cache. Otherwise, copies the file.
 */
export async function placeFile(from: string, to: string, mayShare: boolean): Promise<void> {
  await mkdir(path.dirname(to), { recursive: true });
  const file = await realpath(from);
  const shared =
    mayShare &&
    (await link(file, to).then(
      () => true,
      () => false,
    ));
  if (!shared) await copyFile(file, to, constants.COPYFILE_FICLONE);
}

/** Total size of files below a folder, in bytes. Names have "/". */
export async function sizeOfFiles(root: string, names: readonly string[]): Promise<number> {
  let sum = 0;
  for (const name of names) sum += (await stat(path.join(root, name))).size;
  return sum;
}
