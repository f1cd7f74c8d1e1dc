import type { Pause } from '../../base/timeSlices.ts';
import type { PictureStacks, StackedPicture } from '../../library/index.ts';
import { folderAt, imageAt, type TaggedFolder, type TaggedImages } from '../../taggedImages/index.ts';
import type { ImageFolder } from '../../workspace/folders/imageFolder.ts';

/** A folder whose images are stacked. */
export interface StackedFolder extends TaggedFolder {
  readonly folder: Pick<ImageFolder, 'withLibrary'>;
}

/** The images of a group in stacks of one picture. */
export interface TreeStacks {
  /** Positions of the images of each stack. The first image of a stack is the first in the order of the tree. */
  readonly stacks: readonly (readonly number[])[];
  /** Number of images of further pictures. */
  readonly left: number;
}

/** Images whose looks are read at a time. */
const READ = 64;
/** Images that are compared with the stacks. It limits the time that a very large group takes to about a second. */
const COMPARED = 10_000;

/**
 * Puts the copies and the other sizes of a picture under the first of them, as the search does.
 * @param ordered positions in the order of the tree
 * @param limit maximum number of stacks; images of further pictures are only counted
 */
export async function stackMembers(
  tagged: TaggedImages<StackedFolder>,
  ordered: Uint32Array,
  limit: number,
  pause: Pause,
): Promise<TreeStacks> {
  const { PictureStacks } = await import('../../library/index.ts');
  const byFolder = new Map<StackedFolder, PictureStacks<number>>();
  const firsts: number[] = [];
  let left = 0;
  for (let start = 0; start < ordered.length; start += READ) {
    if (start >= COMPARED && firsts.length === limit) {
      left += ordered.length - start;
      break;
    }
    for (const [position, picture] of await picturesAt(tagged, ordered.subarray(start, start + READ))) {
      await pause();
      const folder = folderAt(tagged, position);
      const stacks = byFolder.get(folder) ?? new PictureStacks<number>();
      byFolder.set(folder, stacks);
      const before = stacks.count;
      if (!stacks.add(position, picture, firsts.length < limit)) left++;
      else if (stacks.count > before) firsts.push(position);
    }
  }
  const all = [...byFolder.values()].flatMap(({ stacks }) => stacks);
  const byFirst = new Map(all.map((members) => [members[0], members]));
  return { stacks: firsts.map((position) => byFirst.get(position) ?? [position]), left };
}

/** Returns the pictures at positions, in the order of the positions. */
async function picturesAt(
  tagged: TaggedImages<StackedFolder>,
  positions: Uint32Array,
): Promise<(readonly [position: number, picture: StackedPicture])[]> {
  const { picturesToStack } = await import('../../library/index.ts');
  const pictures = new Map<number, StackedPicture>();
  for (const [{ folder }, members] of Map.groupBy(positions, (position) => folderAt(tagged, position))) {
    const images = members.map((position) => imageAt(tagged, position));
    const found = await folder.withLibrary((library) => Promise.resolve(picturesToStack(library, images)));
    for (const [i, picture] of found.entries()) pictures.set(members[i] ?? 0, picture);
  }
  return [...pictures].sort(([a], [b]) => positions.indexOf(a) - positions.indexOf(b));
}
