import type { Inference } from '../../src/clip/index.ts';
import { mean } from '../shared/statistics.ts';
import { movedComposites, SIDE } from './composites.ts';
import { mapOf, measureAll } from './maps.ts';
import { correlation, shifted } from './metrics.ts';
import type { ObjectPicture } from './objects.ts';

export interface Equivariance {
  readonly pictures: number;
  /** The mean correlation between a map and the map after its object moves by one cell. */
  readonly correlation: number;
  /** The share of correlations above 0.9. */
  readonly high: number;
}

/** Moves an object by exactly one cell on a flat canvas, and compares the maps, which should only move with it. */
export async function equivariance(
  inference: Inference,
  objects: readonly ObjectPicture[],
  count: number,
  seed: number,
  onDone: (done: number) => void,
): Promise<Equivariance> {
  const [probe] = await movedComposites(objects, 1, 0, seed);
  const { columns } = await mapOf(inference, probe?.[0] ?? never(), 'cat');
  if (!Number.isInteger(SIDE / columns)) throw new Error(`${SIDE} pixels do not divide into ${columns} cells.`);
  const moved = await movedComposites(objects, count, SIDE / columns, seed);
  const correlations = await measureAll(
    moved,
    async ([before, after]) => {
      const name = before.objects[0]?.name ?? never();
      const maps = [await mapOf(inference, before, name), await mapOf(inference, after, name)] as const;
      return correlation(...shifted(...maps, 1, 0));
    },
    onDone,
  );
  const varying = correlations.filter((value) => !Number.isNaN(value));
  return { pictures: count, correlation: mean(varying), high: mean(varying.map((value) => Number(value > 0.9))) };
}

function never(): never {
  throw new Error('There are no pictures.');
}
