import * as vscode from 'vscode';
import type { Inference } from '../clip/index.ts';
import { createDevice, type EditorDevice } from './models/device.ts';
import type { Disposable } from '../base/disposable.ts';
import { followModels } from './models/followModels.ts';
import { createImageFolders, type ImageFolders } from './folders/imageFolders.ts';
import { createImageIcons, type ImageIcons } from './thumbnails/imageIcons.ts';
import { createIndexer, type Indexer } from './indexing/indexer.ts';
import { createModels, type Models } from './models/models.ts';
import { watchFolders } from './indexing/watcher.ts';

/** What the features of the extension share. Nothing is opened, started or loaded before its first use. */
export interface Services extends Disposable {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly folders: ImageFolders;
  readonly indexer: Indexer;
  readonly models: Models;
  /** The encoders of the wanted model, in their own process; those of what a folder shows are its library's. */
  readonly inference: () => Promise<Inference>;
  readonly imageIcons: ImageIcons;
  readonly device: EditorDevice;
}

export function createServices(context: vscode.ExtensionContext): Services {
  const log = vscode.window.createOutputChannel('AssetLens', { log: true });
  const device = createDevice(context, log);
  const models = createModels(context, log, device);
  const folders = createImageFolders(context, log, models);
  const indexer = createIndexer(log, folders);
  const watcher = watchFolders(log, folders, indexer);
  const switching = followModels(log, models, folders, indexer);

  return {
    context,
    log,
    folders,
    indexer,
    models,
    inference: models.inference,
    imageIcons: createImageIcons(models.inference),
    device,
    dispose() {
      for (const part of [switching, watcher, indexer, folders, models, device, log]) part.dispose();
    },
  };
}
