import * as vscode from 'vscode';
import type { Inference } from '../../clip/index.ts';
import { createIconCache } from './iconCache.ts';
import { needsThumbnail } from './needsThumbnail.ts';

/** An image that is to be shown as small as an icon. */
export interface Picture {
  readonly uri: vscode.Uri;
  /** Of its content. */
  readonly hash: string;
  /** Size of the file. */
  readonly bytes: number;
}

/** What a line of a list shows: the image, or what stands for it until its thumbnail is there. */
export interface LineIcon {
  readonly iconPath: vscode.Uri | vscode.ThemeIcon;
  readonly resourceUri?: vscode.Uri;
}

/** Icons of images in lists. The thumbnails among them are kept, the newest. */
export interface ImageIcons {
  /** As it can be shown now. */
  of(picture: Picture): LineIcon;
  /**
   * Makes the thumbnails that are missing, a few at a time.
   * @param onMade told after each few
   * @throws the signal's reason when it aborts
   */
  make(pictures: readonly Picture[], signal: AbortSignal, onMade: () => void): Promise<void>;
}

/** Made and shown at once. */
const BATCH = 20;
/** Each takes one or two KB. */
const KEPT = 500;

export function createImageIcons(inference: () => Promise<Inference>): ImageIcons {
  const thumbnails = createIconCache(inference, KEPT);

  return {
    of(picture) {
      const { uri, bytes } = picture;
      if (!needsThumbnail(uri.path, bytes)) return { iconPath: uri };
      const made = thumbnails.get(picture.hash);
      return made ? { iconPath: made } : { iconPath: vscode.ThemeIcon.File, resourceUri: uri };
    },
    async make(pictures, signal, onMade) {
      const missing = pictures.filter(
        (picture) => needsThumbnail(picture.uri.path, picture.bytes) && !thumbnails.has(picture.hash),
      );
      for (let at = 0; at < missing.length; at += BATCH) {
        signal.throwIfAborted();
        await Promise.all(missing.slice(at, at + BATCH).map(({ uri, hash }) => thumbnails.make(uri, hash, signal)));
        signal.throwIfAborted();
        onMade();
      }
    },
  };
}
