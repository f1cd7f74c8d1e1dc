import { filterInSlices, type Pause } from '../base/timeSlices.ts';
import type { TaggedImage } from '../library/index.ts';
import { isSameLabel, taggingOf, type LabelName } from './labelGroups.ts';
import { folderKey, parentOf } from './paths.ts';
import { folderAt, imageAt, type TaggedImages } from './taggedImages.ts';

/** Ranges of the longer side in pixels: more than the first number, at most the second. */
const SIZES = {
  icon: [0, 64],
  small: [64, 256],
  medium: [256, 1024],
  large: [1024, Infinity],
} as const satisfies Record<string, readonly [over: number, upTo: number]>;

/** Conditions that an image must meet, all of them. */
export interface ImageFilter {
  /** Empty: any labels. */
  readonly labels: readonly LabelName[];
  /** Whether the image must have any, all or none of the labels. */
  readonly labelMode: 'any' | 'all' | 'none';
  /** `manual`: at least one manual tag. */
  readonly tagging: 'all' | 'tagged' | 'manual' | 'maybe' | 'untagged';
  /** Range of the score, 0 to 1, both ends included. */
  readonly score: { readonly least: number; readonly most: number };
  /** Formats by their names in the index ("png"); empty: any format. */
  readonly formats: readonly string[];
  readonly size: 'all' | keyof typeof SIZES;
  /** Key of a folder that contains the image directly or in a subfolder, see folderKey; empty: any folder. */
  readonly folder: string;
}

/**
 * Returns the images that pass a filter.
 * @param positions the images to filter; the result keeps this order
 * @param scoreAt score of an image for the condition on scores, 0 to 1
 */
export async function filterImages(
  tagged: TaggedImages,
  positions: Uint32Array,
  filter: ImageFilter,
  scoreAt: (position: number) => number,
  pause: Pause,
): Promise<Uint32Array> {
  const { score, tagging, formats, size, folder } = filter;
  const passes = (position: number): boolean => {
    const image = imageAt(tagged, position);
    return (
      hasTagging(image, tagging) &&
      hasLabels(image, filter) &&
      isWithin(scoreAt(position), score) &&
      (formats.length === 0 || formats.includes(image.format)) &&
      hasSize(image, size) &&
      (folder === '' || isBelow(folderKey(folderAt(tagged, position).key, parentOf(image.path)), folder))
    );
  };
  return filterInSlices(positions, passes, pause);
}

/** Returns the best score of the labels that a filter asks for, or of any label if it asks for none. */
export function bestScore(
  { tags }: TaggedImage,
  { labels, labelMode }: Pick<ImageFilter, 'labels' | 'labelMode'>,
): number {
  const any = labels.length === 0 || labelMode === 'none';
  const relevant = any ? tags : tags.filter((tag) => labels.some((label) => isSameLabel(tag, label)));
  return Math.max(0, ...relevant.map(({ score }) => score));
}

function hasTagging(image: TaggedImage, tagging: ImageFilter['tagging']): boolean {
  switch (tagging) {
    case 'all':
      return true;
    case 'manual':
      return image.tags.some(({ manual }) => manual);
    case 'tagged':
    case 'maybe':
    case 'untagged':
      return taggingOf(image) === tagging;
  }
}

function hasLabels({ tags }: TaggedImage, { labels, labelMode }: ImageFilter): boolean {
  if (labels.length === 0) return true;
  const has = (label: LabelName): boolean => tags.some((tag) => isSameLabel(tag, label));
  if (labelMode === 'all') return labels.every(has);
  return labels.some(has) === (labelMode === 'any');
}

/** Compares whole percents, as scores are displayed: an image with "30 %" passes from 30 % on. */
function isWithin(score: number, { least, most }: ImageFilter['score']): boolean {
  const percent = Math.round(100 * score);
  return percent >= Math.round(100 * least) && percent <= Math.round(100 * most);
}

function hasSize({ width, height }: TaggedImage, size: ImageFilter['size']): boolean {
  if (size === 'all') return true;
  const [over, upTo] = SIZES[size];
  const longest = Math.max(width, height);
  return longest > over && longest <= upTo;
}

/** Tells whether a folder is another one or lies in it. The path in the key of a workspace folder is empty. */
function isBelow(key: string, ancestor: string): boolean {
  return key === ancestor || key.startsWith(ancestor.endsWith('\n') ? ancestor : `${ancestor}/`);
}
