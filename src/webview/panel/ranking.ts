import { filterInSlices, type Pause } from '../../base/timeSlices.ts';
import { sortImages, type TaggedImages } from '../../taggedImages/index.ts';

/** How well an image matches a query. */
export interface Match {
  /** Confidence, 0 to 1. */
  readonly score: number;
  readonly likely: boolean;
  /** Whether it is likely only because of its name. */
  readonly named: boolean;
  /** Position of the image that it is a copy or another size of; its own position if it is none. */
  readonly stack: number;
}

/** The images that a search found, by position. */
export type Ranking = ReadonlyMap<number, Match>;

/** Number of images that are shown besides the likely ones. */
const MAX_UNLIKELY = 60;

/**
 * Removes the images that are not likely, except for the best of them. It is applied after the filters: the best image
 * of one folder may have a low rank in the whole workspace.
 */
export async function withoutNoise(
  tagged: TaggedImages,
  positions: Uint32Array,
  ranking: Ranking,
  pause: Pause,
): Promise<Uint32Array> {
  const { rest } = await splitByLikelihood(positions, ranking, pause);
  const scoreAt = (position: number): number => ranking.get(position)?.score ?? 0;
  const best = await sortImages(tagged, rest, 'score', { scoreAt, pause });
  const kept = new Set(best.subarray(0, MAX_UNLIKELY));
  const isKept = (position: number): boolean => ranking.get(position)?.likely === true || kept.has(position);
  return filterInSlices(positions, isKept, pause);
}

/** Splits images into those that are likely to match a query and the others. Both keep their order. */
export async function splitByLikelihood(
  positions: Uint32Array,
  ranking: Ranking,
  pause: Pause,
): Promise<{ readonly likely: Uint32Array; readonly rest: Uint32Array }> {
  const isLikely = (position: number): boolean => ranking.get(position)?.likely === true;
  return {
    likely: await filterInSlices(positions, isLikely, pause),
    rest: await filterInSlices(positions, (position) => !isLikely(position), pause),
  };
}
