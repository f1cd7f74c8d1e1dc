import type { HeatmapQuery, Inference } from '../../src/clip/index.ts';
import { mean } from '../evaluate/metrics.ts';
import type { Composite } from './composites.ts';
import { mapOf, measureAll } from './maps.ts';
import { auroc, intersectionOverUnion, onPatches, patchesOf, pointing, quantile } from './metrics.ts';
import { names, type ObjectPicture } from './objects.ts';

/** Patches a side at which maps of different grids are compared: 8 pixels of a composite. */
const PATCHES = 32;
/** Where a map says "here": the half of a fixed scale. */
export const SHOWN = 0.5;

/** The highest values over one picture. */
export interface Peaks {
  /** For what it shows. */
  readonly peak: number;
  /** For a name of which it shows nothing. */
  readonly absentPeak: number;
}

/** How well one map finds the one object of a picture. */
export interface Found extends Peaks {
  readonly canvas: Composite['canvas'];
  readonly hit: number;
  readonly chance: number;
  readonly auroc: number;
  readonly iou: number;
}

/** What highest values tell. */
export interface Presence {
  /** Share of the maps that reach SHOWN where the thing is there, and where it is not. */
  readonly shown: number;
  readonly absentShown: number;
  /** 95 of a hundred highest values for what is not there are below it; and the share of those for what is there that is above. */
  readonly absentPeak95: number;
  readonly above95: number;
}

export interface Localisation extends Presence {
  readonly pictures: number;
  /** Share of the maps whose hottest cell touches the object; and of all cells that do. */
  readonly hit: number;
  readonly chance: number;
  readonly auroc: number;
  readonly iou: number;
}

/** Asks each picture for what it shows, and for another of the names. */
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
    ...presence(found),
  };
}

function presence(all: readonly Peaks[]): Presence {
  const absentPeak95 = quantile(
    all.map(({ absentPeak }) => absentPeak),
    0.95,
  );
  const share = (holds: (one: Peaks) => boolean): number => mean(all.map((one) => Number(holds(one))));
  return {
    shown: share(({ peak }) => peak > SHOWN),
    absentShown: share(({ absentPeak }) => absentPeak > SHOWN),
    absentPeak95,
    above95: share(({ peak }) => peak > absentPeak95),
  };
}

/** Drawings as they are, which fill their picture, as most icons do. */
export async function presenceInDrawings(
  inference: Inference,
  objects: readonly ObjectPicture[],
  onDone: (done: number) => void,
): Promise<Presence & { readonly pictures: number }> {
  const peakOf = async ({ drawing }: ObjectPicture, name: string): Promise<number> =>
    Math.max(...(await mapOf(inference, { png: drawing }, name)).values);
  const all = await measureAll(
    objects,
    async (object, index) => ({
      peak: await peakOf(object, object.name),
      absentPeak: await peakOf(object, otherThan(object.name, index)),
    }),
    onDone,
  );
  return { pictures: objects.length, ...presence(all) };
}
