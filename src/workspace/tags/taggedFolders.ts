import { UserError } from '../../base/userError.ts';
import type { TaggedFolder } from '../../taggedImages/index.ts';
import type { ImageFolder } from '../folders/imageFolder.ts';

/** A workspace folder with the tags of its images, as they were when it was loaded. */
export interface LoadedFolder extends TaggedFolder {
  readonly folder: ImageFolder;
}

export interface LoadedFolders<Folder> {
  readonly folders: readonly Folder[];
  /** Messages for the user: why folders could not be loaded. */
  readonly errors: readonly string[];
}

/** Loads the folders that have an index. An error in one folder does not prevent the others from loading. */
export async function loadIndexedFolders<Folder>(
  all: readonly ImageFolder[],
  load: (folder: ImageFolder) => Promise<Folder>,
): Promise<LoadedFolders<Folder>> {
  const folders: Folder[] = [];
  const errors: string[] = [];
  for (const folder of all) {
    if (!(await folder.hasIndex())) continue;
    try {
      folders.push(await load(folder));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      errors.push(error.message);
    }
  }
  return { folders, errors };
}

/** Loads the tags of an indexed folder. */
export async function loadTags(folder: ImageFolder): Promise<LoadedFolder> {
  const { images } = await folder.tags();
  return { folder, key: folder.uri.toString(), name: folder.name, labelSets: await folder.labelSets(), images };
}
