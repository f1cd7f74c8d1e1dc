import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Inference } from '../../src/clip/index.ts';
import { nearDuplicates, openLibrary, updateIndex } from '../../src/library/index.ts';
import { iconCopies, syntheticScreenshots, type CopyPicture } from './copySet.ts';

export interface DuplicateFigures {
  readonly originals: number;
  /** Copies in the same group as their original, in percent, by the kind of change. */
  readonly recall: Readonly<Record<string, number>>;
  readonly totalRecall: number;
  /** Pairs of a group's first image and another member that are copies of the same original, in percent. */
  readonly precision: number;
  /** Screenshots in a group, of `screenshots`. */
  readonly chained: number;
  readonly screenshots: number;
}

/**
 * Measures near duplicates on icons with four changed copies each, and on screenshots that differ in menus and text.
 */
export async function measureNearDuplicates(inference: Inference): Promise<DuplicateFigures> {
  const icons = await iconCopies(60);
  const screenshots = await syntheticScreenshots(800);
  const iconGroups = await groupsOf(inference, icons);
  const chained = (await groupsOf(inference, screenshots)).flat().length;
  let [pairs, right] = [0, 0];
  const together = new Set<CopyPicture>();
  for (const group of iconGroups) {
    const [first, ...others] = group;
    for (const other of others) {
      pairs++;
      if (other.original === first?.original) right++;
    }
    const originals = new Set(group.filter(({ change }) => change === 'none').map(({ original }) => original));
    for (const picture of group) if (originals.has(picture.original)) together.add(picture);
  }
  const copies = icons.filter(({ change }) => change !== 'none');
  const share = (some: readonly CopyPicture[]): number =>
    (100 * some.filter((picture) => together.has(picture)).length) / some.length;
  const byChange = Map.groupBy(copies, ({ change }) => change);
  return {
    originals: icons.length - copies.length,
    recall: Object.fromEntries([...byChange].map(([change, some]) => [change, share(some)])),
    totalRecall: share(copies),
    precision: (100 * right) / pairs,
    chained,
    screenshots: screenshots.length,
  };
}

async function groupsOf(inference: Inference, pictures: readonly CopyPicture[]): Promise<CopyPicture[][]> {
  const root = await mkdtemp(path.join(tmpdir(), 'assetlens-copies-'));
  try {
    for (const [i, { change, bytes }] of pictures.entries()) {
      await writeFile(path.join(root, `${i}.${change === 'recompressed' ? 'jpg' : 'png'}`), bytes);
    }
    await mkdir(path.join(root, '.assetlens'));
    await using library = await openLibrary({ root, inference });
    await updateIndex(library);
    const groups = await nearDuplicates(library);
    return groups.map(({ images }) =>
      images.map(({ path: file }) => pictures[Number.parseInt(file, 10)]).filter((picture) => picture !== undefined),
    );
  } finally {
    await rm(root, { recursive: true });
  }
}
