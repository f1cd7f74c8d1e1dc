import { forEachInSlices, type Pause } from '../../base/timeSlices.ts';
import { folderIndexOf, imageAt } from '../../taggedImages/index.ts';
import type { GalleryContent } from './galleryContent.ts';
import type { Ranking } from './ranking.ts';

/** The images that remain when copies are stacked. */
export interface Stacked {
  /** Positions in the order before. */
  readonly positions: Uint32Array;
  /** Number of images under each of them, by position. */
  readonly copies: ReadonlyMap<number, number>;
}

/**
 * Shows one image of each picture. A search knows the copies and the other sizes of a picture; without a search, files
 * with the same bytes in a workspace folder are copies.
 * @param sorted positions; the first image of a stack is shown
 * @param opened ids of images whose stacks are shown
 */
export async function stackImages(
  content: GalleryContent,
  sorted: Uint32Array,
  {
    ranking,
    opened,
    pause,
  }: { readonly ranking: Ranking | null; readonly opened: readonly number[]; readonly pause: Pause },
): Promise<Stacked> {
  const isOpened = new Set(opened);
  const firsts = new Map<string, number>();
  const copies = new Map<number, number>();
  const positions: number[] = [];
  const add = (position: number): void => {
    const match = ranking?.get(position);
    const key = match ? String(match.stack) : `${folderIndexOf(content, position)} ${imageAt(content, position).hash}`;
    const first = firsts.get(key);
    if (first === undefined) firsts.set(key, position);
    if (first === undefined || isOpened.has(content.ids[first] ?? -1)) positions.push(position);
    else copies.set(first, (copies.get(first) ?? 0) + 1);
  };
  await forEachInSlices(sorted, add, pause);
  return { positions: Uint32Array.from(positions), copies };
}
