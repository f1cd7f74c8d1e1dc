import path from 'node:path';
import { sortInSlices } from '../../base/sortInSlices.ts';
import { folderOf, tagIn, type ImageGroup, type TagModel } from './tagModel.ts';
import type { Pause } from '../../base/timeSlices.ts';

export const LABEL_ORDERS = ['name', 'count'] as const;
export const IMAGE_ORDERS = ['score', 'name', 'path'] as const;
export type LabelOrder = (typeof LABEL_ORDERS)[number];
export type ImageOrder = (typeof IMAGE_ORDERS)[number];

export interface TreeOrder {
  readonly labels: LabelOrder;
  readonly images: ImageOrder;
}

/** As people sort names: without case, "2" before "10". */
const { compare } = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

export function orderedLabels(labels: readonly ImageGroup[], order: LabelOrder): ImageGroup[] {
  const byName = (a: ImageGroup, b: ImageGroup): number => compare(a.label, b.label);
  if (order === 'name') return labels.toSorted(byName);
  return labels.toSorted((a, b) => b.members.length - a.members.length || byName(a, b));
}

/** Places of the images of a group, in the order they are shown in; equal ones by path. */
export async function orderedMembers(
  model: Pick<TagModel, 'images' | 'starts'>,
  group: ImageGroup,
  order: ImageOrder,
  pause: Pause,
): Promise<Uint32Array> {
  const { members } = group;
  const pathOf = (place: number): string => model.images[place]?.path ?? '';
  const byPath = (a: number, b: number): number => {
    const folders = model.starts.length > 1 ? folderOf(model, a) - folderOf(model, b) : 0;
    return folders || compare(pathOf(a), pathOf(b)) || a - b;
  };
  const sorted = (by: (a: number, b: number) => number): Promise<Uint32Array> => sortInSlices(members, by, pause);
  // Images without a label have no score to sort by.
  if (order === 'path' || (order === 'score' && group.kind === 'untagged')) return sorted(byPath);
  if (order === 'name') {
    return sorted((a, b) => compare(path.posix.basename(pathOf(a)), path.posix.basename(pathOf(b))) || byPath(a, b));
  }
  const scores = await scoresOf(model, group, pause);
  return sorted((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || byPath(a, b));
}

/** By place. */
async function scoresOf({ images }: Pick<TagModel, 'images'>, group: ImageGroup, pause: Pause): Promise<Float32Array> {
  const scores = new Float32Array(images.length);
  let done = 0;
  for (const place of group.members) {
    const image = images[place];
    scores[place] = (image && tagIn(group, image)?.score) ?? 0;
    if ((++done & 255) === 0) await pause();
  }
  return scores;
}
