import type * as vscode from 'vscode';
import type { Disposable } from '../base/disposable.ts';
import type { Inference } from '../clip/index.ts';
import { WorkspaceImageFolders, type ImageFolders } from './folders/imageFolders.ts';
import { ExternalChanges } from './indexing/externalChanges.ts';
import { WorkspaceIndexer, type Indexer } from './indexing/indexer.ts';
import { IndexWatcher } from './indexing/watcher.ts';
import { WindowDevice, type EditorDevice } from './models/device.ts';
import { followModels } from './models/followModels.ts';
import { WindowModels, type Models } from './models/models.ts';
import { createImageIcons, type ImageIcons } from './thumbnails/imageIcons.ts';
import { createLog, type Log } from './log.ts';

/** The objects that the features of the extension share. Nothing is opened, started or loaded before its first use. */
export interface Services extends Disposable {
  readonly context: vscode.ExtensionContext;
  readonly log: Log;
  readonly folders: ImageFolders;
  readonly indexer: Indexer;
  readonly models: Models;
  /** Returns the encoders of the wanted model. A folder that shows another model has its own; see Library.inference. */
  readonly inference: () => Promise<Inference>;
  readonly imageIcons: ImageIcons;
  readonly device: EditorDevice;
}

export function createServices(context: vscode.ExtensionContext): Services {
  const log = createLog();
  const device = new WindowDevice(context, log);
  const models = new WindowModels(context, log, device);
  const folders = new WorkspaceImageFolders(context, log, models);
  const indexer = new WorkspaceIndexer(log, folders);
  const watcher = new IndexWatcher(log, folders, indexer);
  const externalChanges = new ExternalChanges(log, folders, indexer);
  const switching = followModels(log, models, folders, indexer);
  const inference = (): Promise<Inference> => models.inference();

  return {
    ...{ context, log, folders, indexer, models, inference, device },
    imageIcons: createImageIcons(inference),
    dispose() {
      for (const part of [switching, externalChanges, watcher, indexer, folders, models, device, log]) part.dispose();
    },
  };
}
