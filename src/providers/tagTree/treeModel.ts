import type { Pause } from '../../base/timeSlices.ts';
import type { Failure, ManualTags } from '../../library/index.ts';
import {
  allPositions,
  groupByLabel,
  joinFolders,
  WordFilter,
  type LabelGroups,
  type TaggedFolder,
  type TaggedImages,
} from '../../taggedImages/index.ts';
import type { ImageFolder } from '../../workspace/folders/imageFolder.ts';
import { loadTags, type LoadedFolder } from '../../workspace/tags/taggedFolders.ts';

/** A loaded folder with what only the tree shows. */
export interface TreeFolder extends LoadedFolder {
  readonly failures: readonly Failure[];
  /** Manual tags by the hash of the blob. */
  readonly manualTags: ReadonlyMap<string, ManualTags>;
}

/** An image that could not be indexed. */
export interface Problem<Folder> extends Failure {
  readonly folder: Folder;
}

/** The content of the tree, independent of its order. */
export interface TreeModel<Folder extends TaggedFolder = TreeFolder> {
  readonly tagged: TaggedImages<Folder>;
  readonly groups: LabelGroups;
  readonly problems: readonly Problem<Folder>[];
}

export async function loadTreeFolder(folder: ImageFolder): Promise<TreeFolder> {
  const { listFailures, readManualTags } = await import('../../library/index.ts');
  const loaded = await loadTags(folder);
  return folder.withLibrary(async (library) => {
    const failures: Failure[] = [];
    for await (const page of listFailures(library)) failures.push(...page);
    return { ...loaded, failures, manualTags: readManualTags(library) };
  });
}

export async function buildTreeModel<Folder extends TaggedFolder & Pick<TreeFolder, 'failures'>>(
  folders: readonly Folder[],
  pause: Pause,
): Promise<TreeModel<Folder>> {
  const tagged = await joinFolders(folders, pause);
  const groups = await groupByLabel(tagged, allPositions(tagged), pause);
  const problems = folders.flatMap((folder) => folder.failures.map((failure) => ({ ...failure, folder })));
  return { tagged, groups, problems };
}

/**
 * Returns the part of a model that matches a text: see WordFilter. Problems match by path and reason.
 * @throws UserError if the text has a glob that is too complex
 */
export async function filterTreeModel<Folder extends TaggedFolder>(
  model: TreeModel<Folder>,
  text: string,
  pause: Pause,
): Promise<TreeModel<Folder>> {
  const filter = await WordFilter.parse(text);
  if (!filter) return model;
  const { tagged, groups, problems } = model;
  return {
    tagged,
    groups: await filter.apply(tagged, groups, pause),
    problems: problems.filter(({ path, reason }) => filter.matches(path, reason)),
  };
}
