import type { Picture, PictureBackground } from '../../protocol.ts';
import { isAbort, type Connection } from './connection.ts';

/** A picture that can be shown, or why there is none. */
export type Shown =
  | { readonly url: string; readonly width: number; readonly height: number }
  | { readonly url: null; readonly reason: string };

/** Thumbnails of the tiles in view. Those that left the view are not made any more; those that were made are kept, the newest. */
export interface Thumbnails {
  /** What is there now; undefined: it is on its way, or nobody asked for it. */
  get(id: number): Shown | undefined;
  /** What is in view, most wanted first. */
  want(ids: readonly number[], side: number, background: PictureBackground): void;
  /** These have another content, and those that could not be shown may be shown by now: they are made anew when they are wanted. */
  refresh(changed: readonly number[]): void;
}

/** The panel answers as many at once; more would only wait there, and could not be taken back. */
const AT_ONCE = 8;
/** Pictures of about ten screens. */
const KEPT = 600;

/** @param onShown told when one has come */
export function createThumbnails(connection: Connection, onShown: () => void): Thumbnails {
  /** By id and side; the oldest first. */
  const shown = new Map<string, Shown>();
  const running = new Map<string, AbortController>();
  let wanted: readonly number[] = [];
  let side = 0;
  let background: PictureBackground = 'any';
  const keyOf = (id: number): string => `${id} ${side} ${background}`;

  const pump = (): void => {
    for (const id of wanted) {
      if (running.size >= AT_ONCE) return;
      const key = keyOf(id);
      if (!shown.has(key) && !running.has(key)) void load(id, key);
    }
  };
  const load = async (id: number, key: string): Promise<void> => {
    const controller = new AbortController();
    running.set(key, controller);
    try {
      const picture = await connection.ask({ kind: 'thumbnail', id, side, background }, controller.signal);
      keep(key, shownPicture(picture));
      onShown();
    } catch (error) {
      if (!isAbort(error)) keep(key, { url: null, reason: error instanceof Error ? error.message : String(error) });
    } finally {
      if (running.get(key) === controller) running.delete(key);
      pump();
    }
  };
  const keep = (key: string, picture: Shown): void => {
    shown.set(key, picture);
    const needed = new Set(wanted.map(keyOf));
    for (const [old, { url }] of shown) {
      if (shown.size <= KEPT) return;
      if (needed.has(old)) continue;
      shown.delete(old);
      if (url !== null) URL.revokeObjectURL(url);
    }
  };

  return {
    get(id) {
      return shown.get(keyOf(id));
    },
    want(ids, wantedSide, wantedBackground) {
      wanted = ids;
      side = wantedSide;
      background = wantedBackground;
      const needed = new Set(ids.map(keyOf));
      for (const [key, controller] of running) if (!needed.has(key)) controller.abort();
      pump();
    },
    refresh(changed) {
      const prefixes = changed.map((id) => `${id} `);
      for (const [key, { url }] of shown) {
        if (url !== null && !prefixes.some((prefix) => key.startsWith(prefix))) continue;
        shown.delete(key);
        if (url !== null) URL.revokeObjectURL(url);
      }
      for (const [key, controller] of running)
        if (prefixes.some((prefix) => key.startsWith(prefix))) controller.abort();
      pump();
    },
  };
}

/** As an address that an <img> can show; whoever has it revokes it. */
export function shownPicture({ bytes, reason, width, height }: Picture): Shown {
  if (!bytes) return { url: null, reason };
  // A copy in memory of its own: what came may lie in memory that others share.
  const url = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type: 'image/webp' }));
  return { url, width, height };
}

/** Sides that thumbnails are made in: a slider that moves makes no new ones at each step. */
const SIDES = [64, 128, 256, 512];

/** @param size of a tile in CSS pixels */
export function thumbnailSide(size: number): number {
  const wanted = size * Math.min(2, Math.max(1, window.devicePixelRatio));
  return SIDES.find((side) => side >= wanted) ?? 512;
}
