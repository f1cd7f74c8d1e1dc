import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError, messageOf } from '../../base/userError.ts';
import { downloadFiles, type DownloadOptions } from './hub/download.ts';
import { openRepository } from './hub/repository.ts';
import type { HubSettings } from './hub/settings.ts';

/** The source that a model is installed from. */
export interface ModelSource {
  /** Name in messages: the folder, or the name of the repository. */
  readonly label: string;
  /** Names of all files, with "/". */
  readonly files: readonly string[];
  /** Licence at the hub; null where it is unknown, or only a model card among the files has it. */
  readonly licence: string | null;
  /** Whether the files never change, so that a model folder may have hard links to them. */
  readonly isImmutable: boolean;
  /**
   * Downloads files where necessary.
   * @returns the folder that contains them under their names
   */
  fetch(names: readonly string[]): Promise<string>;
}

/** Maximum depth of layouts: model/visual/model.onnx. */
const DEPTH = 3;

/** @throws UserError where there is no such folder */
export async function folderSource(folder: string): Promise<ModelSource> {
  const root = path.resolve(folder);
  const files = await filesBelow(root, DEPTH).catch((error: unknown) => {
    throw new UserError(`The folder ${root} cannot be read (${messageOf(error)}). Check its path.`);
  });
  return { label: root, files, licence: null, isImmutable: false, fetch: (names) => assertFiles(root, names) };
}

/**
 * A repository of the hub at a revision: a branch, a tag or a commit.
 * @throws UserError where there is no such repository, or the hub refuses access
 */
export async function hubSource(
  settings: HubSettings,
  repositoryId: string,
  revision: string,
  options: DownloadOptions,
): Promise<ModelSource> {
  const repository = await openRepository(settings, repositoryId, revision, options.signal);
  return {
    label: repositoryId,
    files: repository.files,
    licence: repository.licence,
    isImmutable: true,
    async fetch(names) {
      const folder = await downloadFiles(settings, repository, names, options);
      await repository.cache.setCommit(revision, repository.commit);
      return folder;
    },
  };
}

/** @throws UserError where one of the names is a pipe or a device, which could block whoever reads it for ever */
async function assertFiles(root: string, names: readonly string[]): Promise<string> {
  for (const name of names) {
    const found = await stat(path.join(root, name)).catch((error: unknown) => {
      throw new UserError(`${path.join(root, name)} cannot be read (${messageOf(error)}). Check the file.`);
    });
    if (!found.isFile())
      throw new UserError(`${path.join(root, name)} is not a file. Remove it, or use another folder.`);
  }
  return root;
}

async function filesBelow(folder: string, depth: number): Promise<string[]> {
  const files: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) files.push(entry.name);
    else if (depth > 1) {
      const nested = await filesBelow(path.join(folder, entry.name), depth - 1);
      files.push(...nested.map((name) => `${entry.name}/${name}`));
    }
  }
  return files;
}
