import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Decoding } from '../../images/decoding/decodeOptions.ts';
import { NoThreadLeft } from '../../images/decoding/decodeQueue.ts';
import { makeIcon } from '../../images/icon.ts';
import { withSource } from '../../images/imageSource.ts';
import { clampBox, makeThumbnail } from '../../images/thumbnail.ts';
import type { KnownImage, Thumbnail, ThumbnailBox } from '../../images/types.ts';
import { ThumbnailFolder, type ThumbnailFolderOptions } from './thumbnailFolder.ts';

/** Encoded thumbnails in memory: thousands of tiles. */
const MEMORY_BYTES = 32 * 2 ** 20;
/**
 * Part of each key. Increase it when thumbnails of the same image change, so that old ones on the disk are not used.
 */
const EDITION = 2;

type MakeThumbnail = (source: KnownImage, box: ThumbnailBox, signal: AbortSignal) => Promise<Thumbnail | null>;

/**
 * Makes thumbnails and caches them by the content of the image, in memory and, with a folder, on the disk. The file of
 * an image is not read if its hash is known and its thumbnail is cached. The result is null where the image was not
 * decoded, see Replies.
 */
export function cachedThumbnails(decoding: Decoding, folder?: ThumbnailFolderOptions): MakeThumbnail {
  const memory = new LRUCache<string, Thumbnail>({
    maxSize: MEMORY_BYTES,
    sizeCalculation: ({ bytes }) => bytes.length,
  });
  const disk = folder && new ThumbnailFolder(folder);

  const find = async (key: string): Promise<Thumbnail | undefined> => {
    const cached = memory.get(key) ?? (await disk?.get(key));
    if (cached) memory.set(key, cached);
    return cached;
  };

  return async (source, box, signal) => {
    const known = source.hash === undefined ? undefined : await find(keyOf(source.hash, box));
    if (known) return known;
    signal.throwIfAborted();
    const options = { ...decoding, signal, urgent: true };
    try {
      return await withSource(source, options, async (file) => {
        // The key contains the hash of the bytes that were read, because the caller's hash may be out of date.
        const hash = createHash('sha256').update(file.bytes).digest('hex');
        const key = keyOf(hash, box);
        const cached = hash === source.hash ? undefined : await find(key);
        if (cached) return cached;
        const thumbnail = await (box.margins === 'cut' ? makeIcon : makeThumbnail)(file, box, options);
        memory.set(key, thumbnail);
        await disk?.put(key, thumbnail);
        return thumbnail;
      });
    } catch (error) {
      if (error instanceof NoThreadLeft) return null;
      throw error;
    }
  };
}

/** The key of a thumbnail, which is also the name of its file. */
function keyOf(hash: string, box: ThumbnailBox): string {
  if (!/^[\da-f]{64}$/.test(hash)) throw new Error(`"${hash}" is not a SHA-256 in hex.`);
  const { width, height, bytes, background, margins = 'keep' } = clampBox(box);
  const kind = margins === 'cut' ? `${background}-cut` : background;
  return `${hash}-${width}x${height}-${bytes}-${kind}-${EDITION}`;
}
