import type { HeatmapQuery, Inference } from '../../src/clip/index.ts';
import { mean, quantile } from '../shared/statistics.ts';
import type { Composite } from './composites.ts';
import { mapOf, measureAll } from './maps.ts';
import { auroc, intersectionOverUnion, onPatches, patchesOf, pointing } from './metrics.ts';
import { names, type ObjectPicture } from './objects.ts';

/** The number of patches per side on which maps of different grids are compared; a patch has 8 × 8 pixels. */
const PATCHES = 32;
/** The value above which a map marks a position: half of its fixed scale. */
export const SHOWN = 0.5;

/** The highest values of a picture's maps. */
export interface Peaks {
  /** For the name of its object. */
  readonly peak: number;
  /** For the name of an object that the picture does not have. */
  readonly absentPeak: number;
}

/** The accuracy of one map for the only object of a picture. */
export interface Found extends Peaks {
  readonly canvas: Composite['canvas'];
  readonly hit: number;
  readonly chance: number;
  readonly auroc: number;
  readonly iou: number;
}

/** Statistics of the highest values, which show whether an object is present. */
export interface Presence {
  /** The share of maps above SHOWN for present and for absent objects. */
  readonly shown: number;
  readonly absentShown: number;
  /**
   * The value that 95 % of the peaks for absent objects are below, and the share of peaks for present objects above it.
   */
  readonly absentPeak95: number;
  readonly above95: number;
}

export interface Localisation extends Presence {
  readonly pictures: number;
  /** The share of maps whose hottest cell touches the object, and the share of all cells that do. */
  readonly hit: number;
  readonly chance: number;
  readonly auroc: number;
  readonly iou: number;
}

/** Makes two maps of each picture: for its object, and for another name. */
export function localise(
  inference: Inference,
  kind: HeatmapQuery['kind'],
  composites: readonly Composite[],
  onDone: (done: number) => void,
): Promise<Found[]> {
  return measureAll(
    composites,
    async (composite, index) => {
      const [object] = composite.objects;
      if (!object) throw new Error('The picture has no object.');
      const map = await mapOf(inference, composite, object.name, kind);
      const absent = await mapOf(inference, composite, otherThan(object.name, index), kind);
      const values = onPatches(map, PATCHES);
      const truth = patchesOf(object.mask, PATCHES);
      return {
        canvas: composite.canvas,
        ...pointing(map, object.mask),
        auroc: auroc(values, truth),
        iou: intersectionOverUnion(values, SHOWN, truth),
        peak: Math.max(...map.values),
        absentPeak: Math.max(...absent.values),
      };
    },
    onDone,
  );
}

/** A different name; every index gives another one. */
function otherThan(name: string, index: number): string {
  const others = names.filter((other) => other !== name);
  return others[(37 * index) % others.length] ?? '';
}

export function summarise(found: readonly Found[]): Localisation {
  const meanOf = (value: (result: Found) => number): number =>
    mean(found.map(value).filter((number) => !Number.isNaN(number)));
  return {
    pictures: found.length,
    hit: meanOf(({ hit }) => hit),
    chance: meanOf(({ chance }) => chance),
    auroc: meanOf((result) => result.auroc),
    iou: meanOf(({ iou }) => iou),
    ...presence(found),
  };
}

function presence(all: readonly Peaks[]): Presence {
  const absentPeak95 = quantile(
    all.map(({ absentPeak }) => absentPeak),
    0.95,
  );
  const share = (condition: (peaks: Peaks) => boolean): number => mean(all.map((peaks) => Number(condition(peaks))));
  return {
    shown: share(({ peak }) => peak > SHOWN),
    absentShown: share(({ absentPeak }) => absentPeak > SHOWN),
    absentPeak95,
    above95: share(({ peak }) => peak > absentPeak95),
  };
}

/** The presence statistics on the original drawings, which fill their pictures as most icons do. */
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
