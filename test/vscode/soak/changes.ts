import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { drawing } from '../../../tools/shared/drawing.ts';
import type { Random } from '../../../tools/torture/random.ts';

/** Images that change at once at most, as after a change of the branch. */
const MOST_AT_ONCE = 30;
/** A folder keeps some images. */
const LEAST_IN_FOLDER = 20;

/** Makes some random changes to the images of a workspace. @returns their number */
export async function changeImages(root: string, random: Random): Promise<number> {
  const folders = (await readdir(root, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const name = random.pick(folders)?.name ?? '0';
  const folder = path.join(root, name);
  const count = random.between(1, MOST_AT_ONCE);
  const images = (await readdir(folder)).filter((file) => file.endsWith('.svg'));
  for (let i = 0; i < count; i++) {
    const file = path.join(folder, random.pick(images) ?? 'new.svg');
    const other = path.join(folder, `${random.below(1e9)}.svg`);
    const kind = random.below(10);
    if (kind < 4) await writeFile(file, drawing(random.below(1e9)));
    else if (kind < 6) await writeFile(other, drawing(random.below(1e9)));
    else if (kind < 8) await rename(file, other).catch(ifMissing);
    else if (images.length > LEAST_IN_FOLDER) await rm(file, { force: true });
  }
  if (random.chance(0.05)) await rename(folder, path.join(root, `folder ${random.below(1e9)}`));
  else await mkdir(folder, { recursive: true });
  return count;
}

/** The paths of all images, relative to the root, with '/'. */
export async function imagesIn(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true });
  return entries.filter((file) => file.endsWith('.svg')).map((file) => file.split(path.sep).join('/'));
}

function ifMissing(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
}
