import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import type { TaggedImage } from '../../library/index.ts';
import { reportErrors } from '../../workspace/log.ts';
import type { Services } from '../../workspace/services.ts';
import { createIconCache, type IconCache } from '../../workspace/thumbnails/iconCache.ts';
import { mayNeedIcon } from '../../workspace/thumbnails/needsThumbnail.ts';
import type { ImageNode } from './treeNodes.ts';

/** Number of icons that are made and shown together. */
const BATCH = 40;
/** Maximum number of icons in memory; each takes one or two KB. */
const KEPT = 2000;

/**
 * Icons for images that the editor cannot show well itself: formats without a decoder, large files, small pictures with
 * margins, and drawings that are invisible on the background of the theme. They are made after the nodes are shown.
 */
export class ThumbnailIcons implements Disposable {
  readonly #services: Services;
  readonly #cache: IconCache;
  readonly #made = new vscode.EventEmitter<ImageNode[]>();
  #queue: ImageNode[] = [];
  #isRunning = false;
  #isDisposed = false;

  /** Fires with the nodes of the icons that were made. */
  readonly onDidMake = this.#made.event;

  constructor(services: Services) {
    this.#services = services;
    this.#cache = createIconCache(services.inference, KEPT);
  }

  /** Returns the icon of an image, or undefined until it is made. */
  iconOf({ hash }: TaggedImage): vscode.Uri | undefined {
    return this.#cache.get(hash);
  }

  /** Makes the missing icons of nodes, before those of earlier calls. */
  make(nodes: readonly ImageNode[]): void {
    const missing = nodes.filter(({ image }) => mayNeedIcon(image) && !this.#cache.has(image.hash));
    if (missing.length === 0) return;
    this.#queue = [...missing, ...this.#queue].slice(0, KEPT);
    if (this.#isRunning) return;
    this.#isRunning = true;
    void reportErrors(this.#services.log, () => this.#run()).finally(() => {
      this.#isRunning = false;
      this.#queue = [];
    });
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#made.dispose();
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0 && !this.#isDisposed) {
      const batch = this.#queue.splice(0, BATCH);
      await Promise.all(batch.map(({ imageUri, image }) => this.#cache.make(imageUri, image.hash)));
      this.#made.fire(batch);
    }
  }
}
