import * as vscode from 'vscode';
import type { Inference } from '../../clip/index.ts';
import { themeBackground, thumbnail } from './thumbnails.ts';

/** Thumbnails as large as icons, by content and by the background of the theme; the newest are kept. */
export interface IconCache {
  /** Whether it was made, or tried in vain. */
  has(hash: string): boolean;
  /** Undefined where it is not made, or cannot be. */
  get(hash: string): vscode.Uri | undefined;
  /** @throws the signal's reason when it aborts */
  make(file: vscode.Uri, hash: string, signal?: AbortSignal): Promise<void>;
}

/** 16 pixels on a screen of twice the density. */
const SIDE = 32;

/** @param kept most thumbnails; each takes one or two KB */
export function createIconCache(inference: () => Promise<Inference>, kept: number): IconCache {
  /** The oldest first; null: it cannot be decoded. */
  const icons = new Map<string, vscode.Uri | null>();
  const keyOf = (hash: string): string => `${themeBackground()} ${hash}`;
  return {
    has: (hash) => icons.has(keyOf(hash)),
    get: (hash) => icons.get(keyOf(hash)) ?? undefined,
    async make(file, hash, signal) {
      const key = keyOf(hash); // of the theme that it is made for
      const made = await thumbnail(await inference(), file, SIDE, { hash, signal });
      icons.set(key, made === undefined ? null : vscode.Uri.parse(made));
      const [oldest] = icons.keys();
      if (oldest !== undefined && icons.size > kept) icons.delete(oldest);
    },
  };
}
