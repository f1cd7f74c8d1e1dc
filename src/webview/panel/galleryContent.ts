import type { LabelSet, TaggedImage } from '../../library/index.ts';

/** A workspace folder that was indexed. */
export interface GalleryFolder {
  /** Its URI. */
  readonly key: string;
  readonly name: string;
  readonly labelSets: readonly Pick<LabelSet, 'name' | 'labels'>[];
}

export interface GalleryImage {
  /** Stays the same while the panel lives. */
  readonly id: number;
  /** Index in GalleryContent.folders. */
  readonly folder: number;
  readonly image: TaggedImage;
}

/** All images of the workspace, with their tags. */
export interface GalleryContent {
  readonly folders: readonly GalleryFolder[];
  /** By folder and path. */
  readonly images: readonly GalleryImage[];
  readonly byId: ReadonlyMap<number, GalleryImage>;
}

/** Names a folder below a workspace folder. */
export function folderKey(workspaceFolder: string, path: string): string {
  return `${workspaceFolder}\n${path}`;
}

/** The folder that a file lies in, relative to the workspace folder; empty: the workspace folder itself. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
