import { stat } from 'node:fs/promises';
import { UserError } from '../../base/userError.ts';
import type { ModelFolder, Precision } from '../base/manifest.ts';
import type { DownloadProgress, DownloadRequest } from './hub/download.ts';
import { isRepositoryId } from './hub/repository.ts';
import type { HubSettings } from './hub/settings.ts';
import { modelFolderOf, modelNameOf, type BundledModel } from './installed.ts';
import { removeLeftovers, withModelFolder } from './leftovers.ts';
import { registeredModels } from './registry.ts';
import { folderSource, hubSource } from './source.ts';

export interface AddOptions {
  readonly hub: HubSettings;
  /** The folder of the user's models. */
  readonly models: string;
  readonly bundled: BundledModel;
  /** Called before a large download, which it may decline. */
  readonly confirm: (request: DownloadRequest) => Promise<boolean>;
  /** Tests the model before it gets its name. An error ends the installation. */
  readonly check: (folder: string) => Promise<void>;
  readonly name?: string | undefined;
  readonly revision?: string | undefined;
  /** Folder of the model in the source. */
  readonly folder?: string | undefined;
  readonly precision?: Precision | undefined;
  readonly replace?: boolean | undefined;
  readonly onDownload?: ((progress: DownloadProgress) => void) | undefined;
  /** Progress of building the model, from 0 to 1. */
  readonly onBuild?: ((fraction: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface AddedModel {
  readonly name: string;
  readonly model: ModelFolder;
}

/**
 * Installs a model: a recommended one by its id, a local folder by its path, or a repository of the hub by its name.
 * @throws UserError where there is no such model or it cannot be used; DownloadDeclined; the signal's
 * reason
 */
export async function addModel(reference: string, options: AddOptions): Promise<AddedModel> {
  const { hub, models, bundled, confirm, check, onDownload, onBuild, signal, replace = false } = options;
  const registered = registeredModels.find(({ id }) => id === reference);
  const name = options.name ?? registered?.id ?? modelNameOf(reference);
  const out = modelFolderOf(models, name, bundled);
  const download = { confirm, pinned: registered?.pinned, onProgress: onDownload, signal };
  const open = async () => {
    if (registered) return hubSource(hub, registered.repository, options.revision ?? registered.revision, download);
    if (await isFolder(reference)) return folderSource(reference);
    if (isRepositoryId(reference)) return hubSource(hub, reference, options.revision ?? 'main', download);
    throw new UserError(
      `"${reference}" is not a recommended model, a folder or a repository of the hub (owner/name). "assetlens models list" shows the recommended models.`,
    );
  };
  await removeLeftovers(models);
  const source = await open();
  // Loaded here, because the installation needs the converter and all model families.
  const { installModel } = await import('./install.ts');
  const install = () =>
    installModel(source, out, {
      name,
      replace,
      check,
      folder: options.folder ?? registered?.folder,
      precision: options.precision ?? registered?.precision,
      score: registeredModels.find(({ id, repository }) => id === reference || repository === reference)?.score,
      onProgress: onBuild,
      signal,
    });
  const model = await withModelFolder(out, install, signal, () =>
    onDownload?.({ doneBytes: 0, totalBytes: 0, file: name, waiting: true }),
  );
  return { name, model };
}

async function isFolder(text: string): Promise<boolean> {
  return stat(text).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
