import { forEachInSlices, type Pause } from '../base/timeSlices.ts';
import { compareNames } from './orders.ts';
import { folderKey, parentOf } from './paths.ts';
import { folderIndexOf, imageAt, type TaggedImages } from './taggedImages.ts';

/** The images of one folder, without those of its subfolders. */
export interface FolderGroup {
  /** See folderKey. */
  readonly key: string;
  /** Path relative to the workspace folder; empty for the workspace folder itself. */
  readonly path: string;
  /** Index of the workspace folder. */
  readonly folder: number;
  /** Positions of the images. */
  readonly members: Uint32Array;
}

/**
 * Groups images by the folder that they lie in, sorted by workspace folder and path.
 * @param positions the images to group; members of the groups keep this order
 */
export async function groupByFolder(
  tagged: TaggedImages,
  positions: Uint32Array,
  pause: Pause,
): Promise<FolderGroup[]> {
  const groups = new Map<string, { readonly folder: number; readonly path: string; readonly members: number[] }>();
  const add = (position: number): void => {
    const folder = folderIndexOf(tagged, position);
    const path = parentOf(imageAt(tagged, position).path);
    const key = folderKey(tagged.folders[folder]?.key ?? '', path);
    const group = groups.get(key) ?? { folder, path, members: [] };
    groups.set(key, group);
    group.members.push(position);
  };
  await forEachInSlices(positions, add, pause);
  return [...groups]
    .sort(([, a], [, b]) => a.folder - b.folder || compareNames(a.path, b.path))
    .map(([key, { folder, path, members }]) => ({ key, folder, path, members: Uint32Array.from(members) }));
}
