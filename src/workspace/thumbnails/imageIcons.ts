import * as vscode from 'vscode';
import type { Inference } from '../../clip/index.ts';
import { pathOfUri } from '../folders/pathOfUri.ts';
import { createIconCache } from './iconCache.ts';
import { mayNeedIcon, needsThumbnail } from './needsThumbnail.ts';

/** An image to show as an icon. */
export interface Picture {
  readonly uri: vscode.Uri;
  /** SHA-256 of the blob in hexadecimal. */
  readonly hash: string;
  /** File size. */
  readonly bytes: number;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

/** The icon of an entry in a list: the image, or the file or a placeholder until its icon is made. */
export interface EntryIcon {
  readonly iconPath: vscode.Uri | vscode.ThemeIcon;
  readonly resourceUri?: vscode.Uri;
}

/** Provides icons of images in lists, and caches those that are thumbnails. */
export interface ImageIcons {
  /** Returns the icon that can be shown now. */
  of(picture: Picture): EntryIcon;
  /**
   * Makes the missing thumbnails, a few at a time.
   * @param onMade called after each batch
   * @throws the signal's reason if it aborts
   */
  make(pictures: readonly Picture[], signal: AbortSignal, onMade: () => void): Promise<void>;
}

/** Thumbnails made at a time. */
const BATCH = 20;
/** Thumbnails in the cache; each takes one or two kB. */
const CAPACITY = 500;

export function createImageIcons(inference: () => Promise<Inference>): ImageIcons {
  const thumbnails = createIconCache(inference, CAPACITY);

  return {
    of(picture) {
      const { uri, bytes } = picture;
      const made = thumbnails.get(picture.hash);
      if (made) return { iconPath: made };
      return needsThumbnail(pathOfUri(uri), bytes)
        ? { iconPath: vscode.ThemeIcon.File, resourceUri: uri }
        : { iconPath: uri };
    },
    async make(pictures, signal, onMade) {
      const missing = pictures.filter(
        (picture) => mayNeedIcon({ ...picture, path: pathOfUri(picture.uri) }) && !thumbnails.has(picture.hash),
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
