import { UserError } from '../../base/userError.ts';
import type { Failure, ManualTags } from '../../library/index.ts';
import type { ImageFolder } from '../../workspace/folders/imageFolders.ts';
import type { FolderContent } from './tagModel.ts';

/** A folder that was indexed, and what the tree shows of it. */
export interface LoadedFolder extends FolderContent {
  readonly folder: ImageFolder;
  /** What somebody said of images, by the hash of their content. */
  readonly manualTags: ReadonlyMap<string, ManualTags>;
}

export interface LoadedFolders {
  readonly folders: readonly LoadedFolder[];
  /** For people: why folders could not be loaded. */
  readonly mistakes: readonly string[];
}

/** Folders without an index are passed over: neither library nor model is loaded for them. */
export async function loadContents(all: readonly ImageFolder[]): Promise<LoadedFolders> {
  const folders: LoadedFolder[] = [];
  const mistakes: string[] = [];
  for (const folder of all) {
    if (!(await folder.hasIndex())) continue;
    try {
      folders.push(await load(folder));
    } catch (error) {
      // What is wrong with one folder does not hide the others.
      if (!(error instanceof UserError)) throw error;
      mistakes.push(error.message);
    }
  }
  return { folders, mistakes };
}

async function load(folder: ImageFolder): Promise<LoadedFolder> {
  const { listFailures, readManualTags } = await import('../../library/index.ts');
  const { images } = await folder.tags();
  const labelSets = await folder.labelSets();
  return folder.withLibrary(async (library) => {
    const failures: Failure[] = [];
    for await (const page of listFailures(library)) failures.push(...page);
    return { folder, images, labelSets, failures, manualTags: readManualTags(library) };
  });
}
