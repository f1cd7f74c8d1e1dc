import type { HeatmapQuery, Inference } from '../../src/clip/index.ts';
import { mean } from '../evaluate/metrics.ts';
import type { Composite } from './composites.ts';
import { mapOf, measureAll } from './maps.ts';
import { auroc, intersectionOverUnion, onPatches, patchesOf, pointing, quantile } from './metrics.ts';
import { names } from './objects.ts';

/** Patches a side at which maps of different grids are compared: 8 pixels of a composite. */
const PATCHES = 32;
/** Where a map says "here": the half of a fixed scale. */
export const SHOWN = 0.5;

/** How well one map finds the one object of a picture. */
export interface Found {
  readonly canvas: Composite['canvas'];
  readonly hit: number;
  readonly chance: number;
  readonly auroc: number;
  readonly iou: number;
  /** Highest value. */
  readonly peak: number;
  /** Highest value for a name of which the picture shows nothing. */
  readonly absentPeak: number;
}

export interface Localisation {
  readonly pictures: number;
  /** Share of the maps whose hottest cell touches the object; and of all cells that do. */
  readonly hit: number;
  readonly chance: number;
  readonly auroc: number;
  readonly iou: number;
  /** Share of the maps that reach SHOWN where the thing is there, and where it is not. */
  readonly shown: number;
  readonly absentShown: number;
  /** 95th of a hundred highest values for what is not there. */
  readonly absentPeak95: number;
}

/** @param names of those, the picture's own is asked for and one of the others, which it does not show */
export function localise(
  inference: Inference,
  kind: HeatmapQuery['kind'],
  composites: readonly Composite[],
  onDone: (done: number) => void,
): Promise<Found[]> {
  return measureAll(
    composites,
    async (composite, index) => {
      const [thing] = composite.things;
      if (!thing) throw new Error('The picture shows nothing.');
      const map = await mapOf(inference, composite, thing.name, kind);
      const absent = await mapOf(inference, composite, otherThan(thing.name, index), kind);
      const values = onPatches(map, PATCHES);
      const truth = patchesOf(thing.mask, PATCHES);
      return {
        canvas: composite.canvas,
        ...pointing(map, thing.mask),
        auroc: auroc(values, truth),
        iou: intersectionOverUnion(values, SHOWN, truth),
        peak: Math.max(...map.values),
        absentPeak: Math.max(...absent.values),
      };
    },
    onDone,
  );
}

/** Another of the names, each in its turn. */
function otherThan(name: string, index: number): string {
  const others = names.filter((other) => other !== name);
  return others[(37 * index) % others.length] ?? '';
}

export function summarise(found: readonly Found[]): Localisation {
  const of = (value: (one: Found) => number): number =>
    mean(found.map(value).filter((number) => !Number.isNaN(number)));
  return {
    pictures: found.length,
    hit: of(({ hit }) => hit),
    chance: of(({ chance }) => chance),
    auroc: of((one) => one.auroc),
    iou: of(({ iou }) => iou),
    shown: of(({ peak }) => Number(peak > SHOWN)),
    absentShown: of(({ absentPeak }) => Number(absentPeak > SHOWN)),
    absentPeak95: quantile(found.map(({ absentPeak }) => absentPeak), 0.95), // prettier-ignore
  };
}
