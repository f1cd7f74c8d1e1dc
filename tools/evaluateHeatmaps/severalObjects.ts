import type { HeatmapQuery, Inference } from '../../src/clip/index.ts';
import type { HeatmapGrid } from '../../src/heatmapPicture.ts';
import { mean } from '../evaluate/metrics.ts';
import { SIDE, type Composite } from './composites.ts';
import { mapOf, measureAll } from './maps.ts';
import { onPatches, patchesOf, pointing, type Mask } from './metrics.ts';

const PATCHES = 32;

export interface Quarters {
  readonly pictures: number;
  /** Share of the maps whose hottest cell is in the quarter of the thing that was asked for; chance is a quarter. */
  readonly hit: number;
  /** Share of the values above zero that are in it. */
  readonly mass: number;
}

/** The pointing game on grids of four objects (Böhle et al., 2104.00032): each is asked for by itself. */
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
      for (const [quarter, { name }] of composite.things.entries()) {
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

/** Each cell of a grid of an even number of cells lies in one quarter. */
function quarterMask(quarter: number): Mask {
  const inside = new Uint8Array(SIDE * SIDE);
  const [left, top] = [((quarter % 2) * SIDE) / 2, (Math.floor(quarter / 2) * SIDE) / 2];
  for (let y = top; y < top + SIDE / 2; y++) inside.fill(1, y * SIDE + left, y * SIDE + left + SIDE / 2);
  return { side: SIDE, inside };
}

function massIn(map: HeatmapGrid, quarter: number): number {
  let [own, all] = [0, 0];
  for (const [i, value] of onPatches(map, PATCHES).entries()) {
    const [right, lower] = [i % PATCHES >= PATCHES / 2, i >= (PATCHES * PATCHES) / 2];
    const positive = Math.max(0, value);
    all += positive;
    if (Number(right) + 2 * Number(lower) === quarter) own += positive;
  }
  return all === 0 ? 0.25 : own / all;
}

export interface Pairs {
  readonly pictures: number;
  /** Share of the maps that are higher on their own thing than on the other; chance is a half. */
  readonly own: number;
  /** Share of the pictures in which both maps are: the map moves when the other thing is asked for. Chance is a quarter. */
  readonly both: number;
}

/** Two things in one picture: asked for the other, the map has to move. */
export async function pairs(
  inference: Inference,
  kind: HeatmapQuery['kind'],
  composites: readonly Composite[],
  onDone: (done: number) => void,
): Promise<Pairs> {
  const measured = await measureAll(
    composites,
    async (composite) => {
      const [first, second] = composite.things;
      if (!first || !second) throw new Error('The picture shows less than two things.');
      const right = async (asked: typeof first, other: typeof first): Promise<boolean> => {
        const values = onPatches(await mapOf(inference, composite, asked.name, kind), PATCHES);
        return meanOn(values, asked.mask) > meanOn(values, other.mask);
      };
      return [await right(first, second), await right(second, first)];
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
