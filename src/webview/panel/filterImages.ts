import type { Tag, TaggedImage } from '../../library/index.ts';
import type { Pause } from '../../base/timeSlices.ts';
import type { Arrangement } from '../protocol.ts';
import { folderKey, parentOf, type GalleryContent, type GalleryImage } from './galleryContent.ts';

/** How an image answers the query of a search. */
export interface Ranked {
  /** Confidence, 0 to 1. */
  readonly score: number;
  readonly likely: boolean;
}

/** By id; null: there is no query. */
export type Ranking = ReadonlyMap<number, Ranked> | null;

/** Longest sides, in pixels, up to which an image is of a size. */
const LONGEST: Readonly<Record<Exclude<Arrangement['size'], 'all'>, readonly [over: number, upTo: number]>> = {
  icon: [0, 64],
  small: [64, 256],
  medium: [256, 1024],
  large: [1024, Infinity],
};

/** The images that pass a filter, in the order of the content. */
export async function filterImages(
  content: GalleryContent,
  arrangement: Arrangement,
  ranking: Ranking,
  pause: Pause,
): Promise<GalleryImage[]> {
  const { score, tagging, formats, size, folder } = arrangement;
  const passing: GalleryImage[] = [];
  for (const [i, one] of content.images.entries()) {
    if ((i & 255) === 0) await pause();
    const { image } = one;
    const passes =
      (!ranking || ranking.has(one.id)) &&
      hasTagging(image, tagging) &&
      hasLabels(image, arrangement) &&
      hasScore(scoreOf(one, arrangement, ranking), score) &&
      (formats.length === 0 || formats.includes(image.format)) &&
      hasSize(image, size) &&
      (folder === '' || liesIn(content, one, folder));
    if (passes) passing.push(one);
  }
  return passing;
}

/** What an image is sorted by, 0 to 1: how it answers the query, else the surest of the chosen labels, else of any. */
export function scoreOf({ id, image }: GalleryImage, { labels, labelMode }: Arrangement, ranking: Ranking): number {
  const ranked = ranking?.get(id);
  if (ranked) return ranked.score;
  if (labels.length === 0 || labelMode === 'none') return Math.max(0, ...image.tags.map((tag) => tag.score));
  const chosen = image.tags.filter((tag) => labels.some((label) => isTag(tag, label)));
  return Math.max(0, ...chosen.map((tag) => tag.score));
}

export function isTag(tag: Pick<Tag, 'label' | 'set'>, { label, set }: { label: string; set: string }): boolean {
  return tag.label === label && tag.set === set;
}

function hasTagging({ tags, uncertain }: TaggedImage, tagging: Arrangement['tagging']): boolean {
  switch (tagging) {
    case 'all':
      return true;
    case 'tagged':
      return tags.length > 0;
    case 'manual':
      return tags.some(({ manual }) => manual);
    case 'uncertain':
      return tags.length === 0 && uncertain.length > 0;
    case 'untagged':
      return tags.length === 0 && uncertain.length === 0;
  }
}

function hasLabels({ tags }: TaggedImage, { labels, labelMode }: Arrangement): boolean {
  if (labels.length === 0) return true;
  const has = (label: { label: string; set: string }): boolean => tags.some((tag) => isTag(tag, label));
  if (labelMode === 'all') return labels.every(has);
  return labels.some(has) === (labelMode === 'any');
}

/** As the scores are shown, in whole percents: what reads 30 % passes from 30 % on. */
function hasScore(score: number, { least, most }: Arrangement['score']): boolean {
  const shown = Math.round(100 * score);
  return shown >= Math.round(100 * least) && shown <= Math.round(100 * most);
}

function hasSize({ width, height }: TaggedImage, size: Arrangement['size']): boolean {
  if (size === 'all') return true;
  const [over, upTo] = LONGEST[size];
  const longest = Math.max(width, height);
  return longest > over && longest <= upTo;
}

function liesIn({ folders }: GalleryContent, { folder, image }: GalleryImage, key: string): boolean {
  const workspaceFolder = folders[folder]?.key ?? '';
  const own = folderKey(workspaceFolder, parentOf(image.path));
  return own === key || own.startsWith(key.endsWith('\n') ? key : `${key}/`);
}
