import type { Inference } from '../../src/clip/index.ts';
import { mean } from '../evaluate/metrics.ts';
import { movedComposites, SIDE } from './composites.ts';
import { mapOf, measureAll } from './maps.ts';
import { correlation, shifted } from './metrics.ts';
import type { ObjectPicture } from './objects.ts';

export interface Equivariance {
  readonly pictures: number;
  /** Between a map and that of the picture with its object moved by one cell. */
  readonly correlation: number;
  /** Share above 0.9. */
  readonly high: number;
}

/** An object moves by exactly one cell on a flat canvas: the map has to move with it and stay the same. */
export async function equivariance(
  inference: Inference,
  objects: readonly ObjectPicture[],
  count: number,
  seed: number,
  onDone: (done: number) => void,
): Promise<Equivariance> {
  const [probe] = await movedComposites(objects, 1, 0, seed);
  const { columns } = await mapOf(inference, probe?.[0] ?? never(), 'cat');
  if (!Number.isInteger(SIDE / columns)) throw new Error(`A cell of ${columns} in a row is no whole number of pixels.`);
  const moved = await movedComposites(objects, count, SIDE / columns, seed);
  const correlations = await measureAll(
    moved,
    async ([before, after]) => {
      const name = before.things[0]?.name ?? never();
      const maps = [await mapOf(inference, before, name), await mapOf(inference, after, name)] as const;
      return correlation(...shifted(...maps, 1, 0));
    },
    onDone,
  );
  const varying = correlations.filter((value) => !Number.isNaN(value));
  return { pictures: count, correlation: mean(varying), high: mean(varying.map((value) => Number(value > 0.9))) };
}

function never(): never {
  throw new Error('There is no picture.');
}
