import type { HeatmapQuery, Inference } from '../../src/clip/index.ts';
import type { HeatmapGrid } from '../../src/heatmapPicture.ts';
import { mean } from '../shared/statistics.ts';
import { SIDE, type Composite } from './composites.ts';
import { mapOf, measureAll } from './maps.ts';
import { onPatches, patchesOf, pointing, type Mask } from './metrics.ts';

const PATCHES = 32;

export interface Quarters {
  readonly pictures: number;
  /** The share of maps whose hottest cell is in the quarter of the object in the prompt; chance is a quarter. */
  readonly hit: number;
  /** The share of the positive values in this quarter. */
  readonly mass: number;
}

/** The pointing game on grids of four objects (Böhle et al., 2104.00032), with one map per object. */
export async function quarters(
  inference: Inference,
  kind: HeatmapQuery['kind'],
  composites: readonly Composite[],
  onDone: (done: number) => void,
): Promise<Quarters> {
  const measured = await measureAll(
    composites,
    async (composite) => {
      const results: { hit: number; mass: number }[] = [];
      for (const [quarter, { name }] of composite.objects.entries()) {
        const map = await mapOf(inference, composite, name, kind);
        results.push({ hit: pointing(map, quarterMask(quarter)).hit, mass: massIn(map, quarter) });
      }
      return results;
    },
    onDone,
  );
  const all = measured.flat();
  return { pictures: composites.length, hit: mean(all.map(({ hit }) => hit)), mass: mean(all.map(({ mass }) => mass)) };
}

/**
 * The mask of a quarter of the picture; each cell of a grid with an even number of columns lies in a single quarter.
 */
function quarterMask(quarter: number): Mask {
  const inside = new Uint8Array(SIDE * SIDE);
  const [left, top] = [((quarter % 2) * SIDE) / 2, (Math.floor(quarter / 2) * SIDE) / 2];
  for (let y = top; y < top + SIDE / 2; y++) inside.fill(1, y * SIDE + left, y * SIDE + left + SIDE / 2);
  return { side: SIDE, inside };
}

function massIn(map: HeatmapGrid, quarter: number): number {
  let [inQuarter, all] = [0, 0];
  for (const [i, value] of onPatches(map, PATCHES).entries()) {
    const [right, lower] = [i % PATCHES >= PATCHES / 2, i >= (PATCHES * PATCHES) / 2];
    const positive = Math.max(0, value);
    all += positive;
    if (Number(right) + 2 * Number(lower) === quarter) inQuarter += positive;
  }
  return all === 0 ? 0.25 : inQuarter / all;
}

export interface Pairs {
  readonly pictures: number;
  /** The share of maps that are higher on the object in the prompt than on the other one; chance is a half. */
  readonly own: number;
  /** The share of pictures in which this is true for both maps; chance is a quarter. */
  readonly both: number;
}

/** Compares the maps of two objects in one picture: the map should move when the prompt names the other object. */
export async function pairs(
  inference: Inference,
  kind: HeatmapQuery['kind'],
  composites: readonly Composite[],
  onDone: (done: number) => void,
): Promise<Pairs> {
  const measured = await measureAll(
    composites,
    async (composite) => {
      const [first, second] = composite.objects;
      if (!first || !second) throw new Error('The picture has less than two objects.');
      const isCorrect = async (asked: typeof first, other: typeof first): Promise<boolean> => {
        const values = onPatches(await mapOf(inference, composite, asked.name, kind), PATCHES);
        return meanOn(values, asked.mask) > meanOn(values, other.mask);
      };
      return [await isCorrect(first, second), await isCorrect(second, first)];
    },
    onDone,
  );
  return {
    pictures: composites.length,
    own: mean(measured.flat().map(Number)),
    both: mean(measured.map((two) => Number(two.every(Boolean)))),
  };
}

function meanOn(values: Float32Array, mask: Mask): number {
  const truth = patchesOf(mask, PATCHES);
  return mean(Array.from(values).filter((_, i) => truth[i]));
}
