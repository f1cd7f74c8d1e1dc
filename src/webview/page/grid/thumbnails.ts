import { isAbortError } from '../../../base/abortError.ts';
import { messageOf } from '../../../base/userError.ts';
import type { PictureBackground } from '../../protocol.ts';
import type { Connection } from '../connection.ts';
import { blobPicture, releasePicture, type BlobPicture } from '../dom/blobPicture.ts';

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
  /** By key; the oldest first. */
  readonly #cache = new Map<string, BlobPicture>();
  readonly #running = new Map<string, AbortController>();
  /** The key of the picture that arrived last, by image. */
  readonly #latest = new Map<number, string>();
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
    return this.#cache.get(this.#keyOf(id)) ?? this.#cache.get(this.#latest.get(id) ?? '');
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
    for (const [key, picture] of this.#cache) if (picture.url === null || isChanged(key)) this.#remove(key, picture);
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
      this.#keep(key, blobPicture(picture));
      this.#latest.set(id, key);
      this.#onLoaded();
    } catch (error) {
      if (!isAbortError(error)) this.#keep(key, { url: null, reason: messageOf(error) });
    } finally {
      if (this.#running.get(key) === controller) this.#running.delete(key);
      this.#requestMissing();
    }
  }

  #keep(key: string, picture: BlobPicture): void {
    this.#cache.set(key, picture);
    const wanted = new Set(this.#wanted.map((id) => this.#keyOf(id)));
    for (const [oldKey, old] of this.#cache) {
      if (this.#cache.size <= MAX_CACHED) return;
      if (!wanted.has(oldKey) && !this.#isShown(oldKey)) this.#remove(oldKey, old);
    }
  }

  /** Whether a key is of the picture that is shown for an image while its new one is loading. */
  #isShown(key: string): boolean {
    return this.#wanted.some((id) => !this.#cache.has(this.#keyOf(id)) && this.#latest.get(id) === key);
  }

  #remove(key: string, picture: BlobPicture): void {
    this.#cache.delete(key);
    releasePicture(picture);
  }
}

/** The sides of thumbnails. There are few, so that not every step of the size slider requests new ones. */
const SIDES = [64, 128, 256, 512];

/** The side of the thumbnail for a tile of this size in CSS pixels. */
export function thumbnailSide(size: number): number {
  const devicePixels = size * Math.min(2, Math.max(1, window.devicePixelRatio));
  return SIDES.find((side) => side >= devicePixels) ?? 512;
}
