import * as vscode from 'vscode';
import type { Inference } from '../../clip/index.ts';
import { themeBackground, thumbnail } from './thumbnails.ts';

/** A cache of pictures in the size of icons, without their margins, by blob and by the background of the theme. */
export interface IconCache {
  /** Tells whether the icon was made, or could not be made. */
  has(hash: string): boolean;
  /** Returns the icon, or undefined if it was not made or could not be made. */
  get(hash: string): vscode.Uri | undefined;
  /** Makes and caches an icon. @throws the signal's reason if it aborts */
  make(file: vscode.Uri, hash: string, signal?: AbortSignal): Promise<void>;
}

/** 16 pixels on a screen of twice the density. */
const SIDE = 32;

/** @param capacity maximum number of icons; each takes one or two kB */
export function createIconCache(inference: () => Promise<Inference>, capacity: number): IconCache {
  /** The oldest first; null for an image that cannot be decoded. */
  const icons = new Map<string, vscode.Uri | null>();
  const keyOf = (hash: string): string => `${themeBackground()} ${hash}`;
  return {
    has: (hash) => icons.has(keyOf(hash)),
    get: (hash) => icons.get(keyOf(hash)) ?? undefined,
    async make(file, hash, signal) {
      const key = keyOf(hash); // now, because the theme may change while the icon is made
      const made = await thumbnail(await inference(), file, SIDE, { hash, margins: 'cut', signal });
      icons.set(key, made === undefined ? null : vscode.Uri.parse(made));
      const [oldest] = icons.keys();
      if (oldest !== undefined && icons.size > capacity) icons.delete(oldest);
    },
  };
}
