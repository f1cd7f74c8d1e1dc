import { forEachInSlices, type Pause } from '../base/timeSlices.ts';
import type { LabelSet, TaggedImage } from '../library/index.ts';

/** An indexed workspace folder with the tags of its images. */
export interface TaggedFolder {
  /** URI of the folder. */
  readonly key: string;
  readonly name: string;
  /** Label sets in the order of the settings. */
  readonly labelSets: readonly Pick<LabelSet, 'name' | 'labels'>[];
  /** Images by path. */
  readonly images: readonly TaggedImage[];
}

/** The images of all indexed workspace folders. Groups and orders refer to an image by its position in `images`. */
export interface TaggedImages<Folder extends TaggedFolder = TaggedFolder> {
  readonly folders: readonly Folder[];
  /** Images by folder, then by path. */
  readonly images: readonly TaggedImage[];
  /** [folders] Position of the first image of each folder. */
  readonly starts: readonly number[];
}

export async function joinFolders<Folder extends TaggedFolder>(
  folders: readonly Folder[],
  pause: Pause,
): Promise<TaggedImages<Folder>> {
  const images: TaggedImage[] = [];
  const starts: number[] = [];
  for (const folder of folders) {
    starts.push(images.length);
    await forEachInSlices(folder.images, (image) => images.push(image), pause);
  }
  return { folders, images, starts };
}

/** Returns the index of the folder that contains an image. */
export function folderIndexOf({ starts }: Pick<TaggedImages, 'starts'>, position: number): number {
  return starts.findLastIndex((start) => start <= position);
}

/** Returns the image at a position. */
export function imageAt({ images }: Pick<TaggedImages, 'images'>, position: number): TaggedImage {
  const image = images[position];
  if (!image) throw new RangeError(`there is no image at position ${position}`);
  return image;
}

/** Returns the folder that contains an image. */
export function folderAt<Folder extends TaggedFolder>(tagged: TaggedImages<Folder>, position: number): Folder {
  const folder = tagged.folders[folderIndexOf(tagged, position)];
  if (!folder) throw new RangeError(`there is no folder of position ${position}`);
  return folder;
}

/** Returns the positions of all images in order. */
export function allPositions({ images }: Pick<TaggedImages, 'images'>): Uint32Array {
  const positions = new Uint32Array(images.length);
  for (let i = 0; i < positions.length; i++) positions[i] = i;
  return positions;
}
