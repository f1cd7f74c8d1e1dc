import { isAbortError } from '../../../base/abortError.ts';
import { messageOf } from '../../../base/userError.ts';
import type { PictureBackground } from '../../protocol.ts';
import type { Connection } from '../connection.ts';
import { blobPicture, releasePicture, type BlobPicture } from '../dom/blobPicture.ts';
import { PictureCache } from './pictureCache.ts';

/** Maximum number of concurrent requests. More would wait in the panel, where they cannot be reordered. */
const MAX_REQUESTS = 8;
/** Maximum number of cached pictures: those of about ten screens. */
const MAX_CACHED = 600;

/**
 * The thumbnails of the tiles in view. Requests for tiles that leave the view are cancelled. Thumbnails are cached, and
 * the oldest are removed first.
 */
export class Thumbnails {
  readonly #connection: Connection;
  readonly #onLoaded: () => void;
  readonly #cache = new PictureCache<BlobPicture>(MAX_CACHED, releasePicture);
  readonly #running = new Map<string, AbortController>();
  #wanted: readonly number[] = [];
  #side = 0;
  #background: PictureBackground = 'any';

  /** @param onLoaded called when a thumbnail has arrived */
  constructor(connection: Connection, onLoaded: () => void) {
    this.#connection = connection;
    this.#onLoaded = onLoaded;
  }

  /**
   * The thumbnail of an image, if it is there. After a change of the theme or of the size, it is the earlier one until
   * the new one arrives.
   */
  get(id: number): BlobPicture | undefined {
    return this.#cache.get({ id, key: this.#keyOf(id) });
  }

  /** Requests the thumbnails of the images in view, the first ones first. */
  want(ids: readonly number[], side: number, background: PictureBackground): void {
    this.#wanted = ids;
    this.#side = side;
    this.#background = background;
    const keys = new Set(ids.map((id) => this.#keyOf(id)));
    for (const [key, controller] of this.#running) if (!keys.has(key)) controller.abort();
    this.#requestMissing();
  }

  /**
   * Removes the thumbnails of images whose content has changed, and the errors of all images, because a retry may
   * succeed. They are requested again when they are wanted.
   */
  refresh(changed: readonly number[]): void {
    const prefixes = changed.map((id) => `${id} `);
    const isChanged = (key: string): boolean => prefixes.some((prefix) => key.startsWith(prefix));
    this.#cache.removeWhere((key, picture) => picture.url === null || isChanged(key));
    for (const [key, controller] of this.#running) if (isChanged(key)) controller.abort();
    this.#requestMissing();
  }

  #keyOf(id: number): string {
    return `${id} ${this.#side} ${this.#background}`;
  }

  #requestMissing(): void {
    for (const id of this.#wanted) {
      if (this.#running.size >= MAX_REQUESTS) return;
      const key = this.#keyOf(id);
      if (!this.#cache.has(key) && !this.#running.has(key)) void this.#load(id, key);
    }
  }

  /** Never rejects: an error is shown instead of the picture. */
  async #load(id: number, key: string): Promise<void> {
    const controller = new AbortController();
    this.#running.set(key, controller);
    try {
      const params = { id, side: this.#side, background: this.#background };
      const picture = await this.#connection.call('thumbnail', params, controller.signal);
      this.#keep(id, key, blobPicture(picture));
      this.#onLoaded();
    } catch (error) {
      if (!isAbortError(error)) this.#keep(id, key, { url: null, reason: messageOf(error) });
    } finally {
      if (this.#running.get(key) === controller) this.#running.delete(key);
      this.#requestMissing();
    }
  }

  #keep(id: number, key: string, picture: BlobPicture): void {
    this.#cache.add(
      { id, key },
      picture,
      this.#wanted.map((wanted) => ({ id: wanted, key: this.#keyOf(wanted) })),
    );
  }
}

/** The sides of thumbnails. There are few, so that not every step of the size slider requests new ones. */
const SIDES = [64, 128, 256, 512];

/** The side of the thumbnail for a tile of this size in CSS pixels. */
export function thumbnailSide(size: number): number {
  const devicePixels = size * Math.min(2, Math.max(1, window.devicePixelRatio));
  return SIDES.find((side) => side >= devicePixels) ?? 512;
}
