import type { TaggedFolder, TaggedImages } from '../../taggedImages/index.ts';

/** The images of the workspace with the ids by which the page refers to them. */
export interface GalleryContent<Folder extends TaggedFolder = TaggedFolder> extends TaggedImages<Folder> {
  /** [images] An id refers to the same image for as long as the panel exists. */
  readonly ids: Uint32Array;
  /** Position of each image by id. */
  readonly positions: ReadonlyMap<number, number>;
}

/** Returns the name of a folder for the user; empty for the workspace folder itself if there is only one. */
export function folderTitle({ folders }: TaggedImages, folder: number, path: string): string {
  if (folders.length < 2) return path;
  return [folders[folder]?.name ?? '', path].filter(Boolean).join('/');
}
