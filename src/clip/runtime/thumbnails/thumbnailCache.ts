import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { DECODE_LIMITS } from '../../images/limits.ts';
import { boundsOf, makeThumbnail } from '../../images/thumbnail.ts';
import { NoThreadLeft } from '../../images/turns.ts';
import { bytesOf } from '../../images/imageSource.ts';
import type { KnownImage, Thumbnail, ThumbnailBox } from '../../images/types.ts';
import { thumbnailFolder, type ThumbnailFolderOptions } from './thumbnailFolder.ts';

/** Of encoded thumbnails in memory: thousands of tiles. */
const MEMORY_BYTES = 32 * 2 ** 20;
/** Part of every key. Counted up when thumbnails come out differently, so that older ones on the disk are not shown. */
const EDITION = 1;

type MakeThumbnail = (source: KnownImage, box: ThumbnailBox, signal: AbortSignal) => Promise<Thumbnail | null>;

/**
 * Thumbnails by the content of the image, kept in memory and, where there is a folder, on the disk. Of an image whose content
 * is known nothing is read but its thumbnail. It answers null when the image was not looked at, see Replies.
 */
export function cachedThumbnails(folder?: ThumbnailFolderOptions): MakeThumbnail {
  const memory = new LRUCache<string, Thumbnail>({
    maxSize: MEMORY_BYTES,
    sizeCalculation: ({ bytes }) => bytes.length,
  });
  const disk = folder && thumbnailFolder(folder);

  const find = async (key: string): Promise<Thumbnail | undefined> => {
    const known = memory.get(key) ?? (await disk?.get(key));
    if (known) memory.set(key, known);
    return known;
  };

  return async (source, box, signal) => {
    const known = source.hash === undefined ? undefined : await find(keyOf(source.hash, box));
    if (known) return known;
    signal.throwIfAborted();
    const bytes = await bytesOf(source);
    // By what was read: a hash that the caller knows may be of an earlier content.
    const hash = createHash('sha256').update(bytes).digest('hex');
    const key = keyOf(hash, box);
    const found = hash === source.hash ? undefined : await find(key);
    if (found) return found;
    try {
      const made = await makeThumbnail(bytes, box, { limits: DECODE_LIMITS, signal, urgent: true });
      memory.set(key, made);
      await disk?.put(key, made);
      return made;
    } catch (error) {
      if (error instanceof NoThreadLeft) return null;
      throw error;
    }
  };
}

/** Also the name of its file. */
function keyOf(hash: string, box: ThumbnailBox): string {
  if (!/^[\da-f]{64}$/.test(hash)) throw new Error(`"${hash}" is no SHA-256 in hex.`);
  const { width, height, bytes, background } = boundsOf(box);
  return `${hash}-${width}x${height}-${bytes}-${background}-${EDITION}`;
}
