import type { Pause } from '../../base/timeSlices.ts';
import {
  byPath,
  imageAt,
  scoreIn,
  sortImages,
  type ImageOrder,
  type LabelGroup,
  type LabelOrder,
  type TaggedImages,
} from '../../taggedImages/index.ts';

export const LABEL_ORDERS = ['name', 'count'] as const satisfies readonly LabelOrder[];
export const IMAGE_ORDERS = ['score', 'name', 'path'] as const satisfies readonly ImageOrder[];
export type TreeImageOrder = (typeof IMAGE_ORDERS)[number];

export interface TreeOrder {
  readonly labels: LabelOrder;
  readonly images: TreeImageOrder;
}

/** Returns the positions of the images of a group in the order of the tree; images that are equal in it by path. */
export async function orderedMembers(
  tagged: TaggedImages,
  group: LabelGroup,
  order: TreeImageOrder,
  pause: Pause,
): Promise<Uint32Array> {
  const scoreAt = (position: number): number => scoreIn(group, imageAt(tagged, position));
  return sortImages(tagged, group.members, order, { scoreAt, pause, ties: byPath(tagged) });
}
