import path from 'node:path';
import * as vscode from 'vscode';
import type { Inference } from '../clip/index.ts';
import { createDevice, type EditorDevice } from './device.ts';
import type { Disposed } from './disposed.ts';
import { createImageFolders, type ImageFolders } from './imageFolders.ts';
import { createImageIcons, type ImageIcons } from './imageIcons.ts';
import { createIndexer, type Indexer } from './indexer.ts';
import { shared } from './shared.ts';
import { watchFolders } from './watcher.ts';

/** What the features of the extension share. Nothing is opened, started or loaded before its first use. */
export interface Services extends Disposed {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly folders: ImageFolders;
  readonly indexer: Indexer;
  /** The encoders of the model, in their own process. */
  readonly inference: () => Promise<Inference>;
  readonly imageIcons: ImageIcons;
  readonly device: EditorDevice;
}

const MODEL = 'dist/models/assetlens-icons';
const HOST = 'dist/inference.js';
/** Below the extension's own storage, which all its windows share. */
const THUMBNAILS = 'thumbnails';

export function createServices(context: vscode.ExtensionContext): Services {
  const log = vscode.window.createOutputChannel('AssetLens', { log: true });
  const device = createDevice(context, log);
  let started = false;
  const inference = shared(async () => {
    started = true;
    const { createInference, openModelFolder, PROVIDER_NAMES } = await import('../clip/index.ts');
    const created = createInference({
      model: await openModelFolder(context.asAbsolutePath(MODEL)),
      hostScript: context.asAbsolutePath(HOST),
      thumbnailFolder: { folder: path.join(context.globalStorageUri.fsPath, THUMBNAILS) },
      device: device.options(PROVIDER_NAMES),
      log: (line) => {
        log.warn(line);
      },
    });
    device.follow(created);
    return created;
  });
  const folders = createImageFolders(context, log, inference.get);
  const indexer = createIndexer(log, folders);
  const watcher = watchFolders(log, folders, indexer);

  return {
    context,
    log,
    folders,
    indexer,
    inference: inference.get,
    imageIcons: createImageIcons(inference.get),
    device,
    dispose() {
      for (const part of [watcher, indexer, folders, device, log]) part.dispose();
      // The editor does not wait for a disposal; a process whose parent is gone ends by itself.
      if (started) inference.get().then((running) => running[Symbol.asyncDispose]()).catch(() => undefined); // prettier-ignore
    },
  };
}
