import * as vscode from 'vscode';
import type { TaggedImage } from '../../library/index.ts';
import type { Disposable } from '../../base/disposable.ts';
import { createIconCache } from '../../workspace/thumbnails/iconCache.ts';
import { reportErrors } from '../../workspace/log.ts';
import type { Services } from '../../workspace/services.ts';
import { needsThumbnail } from '../../workspace/thumbnails/needsThumbnail.ts';
import type { ImageNode } from './treeNodes.ts';

/**
 * Icons for images that the editor cannot or should not show as they are: formats it has no decoder for, large files, and
 * drawings that would vanish on the theme's background. They are made after the tree is there, and put in as they come.
 */
export interface ThumbnailIcons extends Disposable {
  /** Undefined until it is made. */
  readonly of: (node: ImageNode) => vscode.Uri | undefined;
  /** Makes those that are missing, before what was asked for earlier. */
  readonly make: (nodes: readonly ImageNode[]) => void;
  readonly onDidMake: vscode.Event<ImageNode[]>;
}

/** Made and shown at once. */
const BATCH = 40;
/** Each takes one or two KB. */
const KEPT = 2000;
/** Pictures with more pixels are photographs and screenshots: they do not vanish, and take long to decode. */
const MOST_PIXELS = 512 * 512;

export function createThumbnailIcons(services: Services): ThumbnailIcons {
  const onDidMake = new vscode.EventEmitter<ImageNode[]>();
  const icons = createIconCache(services.inference, KEPT);
  let queue: ImageNode[] = [];
  let isRunning = false;
  let isDisposed = false;

  const run = async (): Promise<void> => {
    while (queue.length > 0 && !isDisposed) {
      const batch = queue.splice(0, BATCH);
      await Promise.all(batch.map(({ imageUri, image }) => icons.make(imageUri, image.hash)));
      onDidMake.fire(batch);
    }
  };

  return {
    onDidMake: onDidMake.event,
    of: ({ image }) => icons.get(image.hash),
    make(nodes) {
      const missing = nodes.filter((node) => mayNeedIcon(node.image) && !icons.has(node.image.hash));
      if (missing.length === 0) return;
      queue = [...missing, ...queue].slice(0, KEPT);
      if (isRunning) return;
      isRunning = true;
      void reportErrors(services.log, run).finally(() => {
        isRunning = false;
        queue = [];
      });
    },
    dispose() {
      isDisposed = true;
      onDidMake.dispose();
    },
  };
}

function mayNeedIcon({ path, width, height, bytes }: TaggedImage): boolean {
  if (needsThumbnail(path, bytes)) return true;
  return /\.svg$/i.test(path) || (/\.(png|gif|webp)$/i.test(path) && width * height <= MOST_PIXELS);
}
