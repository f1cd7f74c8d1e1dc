import { sortInSlices } from '../base/sortInSlices.ts';
import { forEachInSlices, type Pause } from '../base/timeSlices.ts';
import type { LabelGroup } from './labelGroups.ts';
import { fileNameOf } from './paths.ts';
import { folderIndexOf, imageAt, type TaggedImages } from './taggedImages.ts';

export type LabelOrder = 'name' | 'count';

/** Scores, sizes in bytes and numbers of pixels are sorted in descending order, names and paths in ascending order. */
export type ImageOrder = 'score' | 'name' | 'path' | 'size' | 'pixels';

/** Compares the positions of two images. */
export type Comparator = (a: number, b: number) => number;

export interface SortOptions {
  /** Score of an image, for the order by score. */
  readonly scoreAt: (position: number) => number;
  readonly pause: Pause;
  /** Compares images that are equal in the order. Default: they keep their order. */
  readonly ties?: Comparator;
}

/** Compares names without regard to case, and numbers in names by value: "icon 2" before "icon 10". */
export const { compare: compareNames } = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** Sorts groups by label name or by number of images; groups with equal numbers by name. */
export function sortLabels(groups: readonly LabelGroup[], order: LabelOrder): LabelGroup[] {
  const byLabel = (a: LabelGroup, b: LabelGroup): number => compareNames(a.label, b.label);
  if (order === 'name') return groups.toSorted(byLabel);
  return groups.toSorted((a, b) => b.members.length - a.members.length || byLabel(a, b));
}

/** Returns the positions in order. */
export async function sortImages(
  tagged: TaggedImages,
  positions: Uint32Array,
  order: ImageOrder,
  { scoreAt, pause, ties = () => 0 }: SortOptions,
): Promise<Uint32Array> {
  const image = (position: number) => imageAt(tagged, position);
  switch (order) {
    case 'score':
      return sortDescending(positions, scoreAt, ties, pause);
    case 'size':
      return sortDescending(positions, (position) => image(position).bytes, ties, pause);
    case 'pixels':
      return sortDescending(positions, (position) => image(position).width * image(position).height, ties, pause);
    case 'name': {
      const nameAt = (position: number): string => fileNameOf(image(position).path);
      return sortInSlices(positions, (a, b) => compareNames(nameAt(a), nameAt(b)) || ties(a, b), pause);
    }
    case 'path': {
      const compare = byPath(tagged);
      return sortInSlices(positions, (a, b) => compare(a, b) || ties(a, b), pause);
    }
  }
}

/** Compares images by workspace folder, then by path. */
export function byPath(tagged: TaggedImages): Comparator {
  const comparePaths: Comparator = (a, b) => compareNames(imageAt(tagged, a).path, imageAt(tagged, b).path);
  if (tagged.folders.length < 2) return comparePaths;
  return (a, b) => folderIndexOf(tagged, a) - folderIndexOf(tagged, b) || comparePaths(a, b);
}

async function sortDescending(
  positions: Uint32Array,
  valueAt: (position: number) => number,
  ties: Comparator,
  pause: Pause,
): Promise<Uint32Array> {
  const values = new Float64Array(positions.length);
  const indexes = new Uint32Array(positions.length);
  const read = (position: number, i: number): void => {
    values[i] = valueAt(position);
    indexes[i] = i;
  };
  await forEachInSlices(positions, read, pause);
  const at = (i: number): number => positions[i] ?? 0;
  // NaN, the score of an image without a tag, equals every score.
  const compare: Comparator = (a, b) => (values[b] ?? 0) - (values[a] ?? 0) || ties(at(a), at(b));
  const sorted = await sortInSlices(indexes, compare, pause);
  return sorted.map(at);
}
