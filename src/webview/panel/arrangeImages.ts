import { filterInSlices, forEachInSlices, type Pause } from '../../base/timeSlices.ts';
import {
  allPositions,
  bestScore,
  filterImages,
  imageAt,
  sortImages,
  type ImageOrder,
  type TaggedImages,
} from '../../taggedImages/index.ts';
import type { Arranged, Arrangement } from '../protocol.ts';
import type { GalleryContent } from './galleryContent.ts';
import { splitByLikelihood, withoutNoise, type Ranking } from './ranking.ts';
import { stackImages } from './stacks.ts';
import { sectionsOf, type GroupTitles, type SectionOptions } from './sections.ts';

export interface ArrangeOptions {
  /** Result of the search; null if there is no query. */
  readonly ranking: Ranking | null;
  /** Positions of the images that have the colours of the filter; null without such a filter. */
  readonly coloured: ReadonlySet<number> | null;
  /** Positions of images that look alike, the largest group first; empty unless the gallery is grouped by likeness. */
  readonly likeness: readonly (readonly number[])[];
  readonly titles: GroupTitles;
  readonly pause: Pause;
}

/** Filters, sorts and groups the images of a gallery in time slices. */
export async function arrangeImages(
  content: GalleryContent,
  arrangement: Arrangement,
  { ranking, coloured, likeness, titles, pause }: ArrangeOptions,
): Promise<Omit<Arranged, 'message'>> {
  const scoreAt = (position: number): number =>
    ranking?.get(position)?.score ?? bestScore(imageAt(content, position), arrangement);
  const all = allPositions(content);
  const isCandidate = (position: number): boolean =>
    ranking?.has(position) !== false && coloured?.has(position) !== false;
  const candidates = ranking || coloured ? await filterInSlices(all, isCandidate, pause) : all;
  const passing = await filterImages(content, candidates, arrangement, scoreAt, pause);
  const relevant = ranking ? await withoutNoise(content, passing, ranking, pause) : passing;
  const sorted = await sortedPositions(content, relevant, arrangement.order, ranking, scoreAt, pause);
  // The groups of similar images exist to compare them.
  const isStacked = arrangement.stacked && arrangement.group !== 'likeness';
  const { positions, copies: stackedUnder } = isStacked
    ? await stackImages(content, sorted, { ranking, opened: arrangement.opened, pause })
    : { positions: sorted, copies: new Map<number, number>() };
  const options: SectionOptions = { arrangement, ranking, likeness, titles, scoreAt, pause };
  const sections = await sectionsOf(content, positions, options);

  const count = sections.reduce((sum, { members }) => sum + members.length, 0);
  const order = new Uint32Array(count);
  const scores = new Float32Array(count);
  const copies = new Uint32Array(count);
  const named = new Uint32Array(count);
  let start = 0;
  for (const section of sections) {
    const add = (position: number, i: number): void => {
      order[start + i] = content.ids[position] ?? 0;
      scores[start + i] = section.scoreAt(position);
      copies[start + i] = stackedUnder.get(position) ?? 0;
      named[start + i] = Number(ranking?.get(position)?.named ?? false);
    };
    await forEachInSlices(section.members, add, pause);
    start += section.members.length;
  }
  const groups = sections.map(({ group, members }) => ({ ...group, count: members.length }));
  return { order, scores, copies, named, groups, total: content.images.length };
}

async function sortedPositions(
  content: TaggedImages,
  positions: Uint32Array,
  order: Arrangement['order'],
  ranking: Ranking | null,
  scoreAt: (position: number) => number,
  pause: Pause,
): Promise<Uint32Array> {
  const imageOrder: ImageOrder = order === 'best' ? 'score' : order;
  const sorted = await sortImages(content, positions, imageOrder, { scoreAt, pause });
  if (order !== 'best' || !ranking) return sorted;
  const { likely, rest } = await splitByLikelihood(sorted, ranking, pause);
  sorted.set(likely);
  sorted.set(rest, likely.length);
  return sorted;
}
