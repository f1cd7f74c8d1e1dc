import { dot, type Inference } from '../../src/clip/index.ts';
import { randomSource } from '../shared/random.ts';
import { mean } from '../shared/statistics.ts';
import { pngOf, SIDE, type Composite } from './composites.ts';
import { mapOf, measureAll } from './maps.ts';
import { areaUnder, onPatches } from './metrics.ts';

/** The number of patches per side, and the number of steps in which all of them are hidden or shown. */
const PATCHES = 16;
const STEPS = 8;

/**
 * The orders in which patches are hidden. `elsewhere` follows the map of another picture: as compact, but in the wrong
 * position.
 */
export const orders = ['where', 'why', 'elsewhere', 'random'] as const;
export type Order = (typeof orders)[number];

/** Areas under the curves of the cosine between picture and name. */
export interface Curves {
  /** The most important patches are hidden first: lower is better. */
  readonly deletion: number;
  /** The most important patches are shown first: higher is better. */
  readonly insertion: number;
}

export interface Faithfulness {
  readonly pictures: number;
  /** The mean cosine for whole pictures, and for pictures of their mean colour only. */
  readonly whole: number;
  readonly nothing: number;
  readonly curves: Readonly<Record<Order, Curves>>;
}

/**
 * Deletion and insertion (Petsiuk et al., 1806.07421). Deletion measures how the similarity falls when important
 * patches get the picture's mean colour. Insertion measures how it rises when only these patches are shown.
 */
export async function faithfulness(
  inference: Inference,
  composites: readonly Composite[],
  seed: number,
  onDone: (done: number) => void,
): Promise<Faithfulness> {
  const random = randomSource(seed);
  const keys = composites.map(() => Float32Array.from({ length: PATCHES ** 2 }, random));
  const measured = await measureAll(
    composites,
    async (composite, index) => {
      const name = nameOf(composite);
      const text = await inference.embedTexts([name]);
      const elsewhere = composites[(index + 1) % composites.length] ?? composite;
      const importance: Record<Order, Float32Array> = {
        where: onPatches(await mapOf(inference, composite, name), PATCHES),
        why: onPatches(await mapOf(inference, composite, name, 'why'), PATCHES),
        elsewhere: onPatches(await mapOf(inference, elsewhere, nameOf(elsewhere)), PATCHES),
        random: keys[index] ?? new Float32Array(PATCHES ** 2),
      };
      const hiddenSets = orders.flatMap((order) => stepsOf(importance[order]));
      const all = [new Set<number>(), new Set(Array(PATCHES ** 2).keys()), ...hiddenSets];
      const pictures = await Promise.all(all.map((hidden) => pngOf(without(composite.pixels, hidden))));
      const outcomes = await inference.embedImages(pictures.map((bytes) => ({ kind: 'bytes', name, bytes })));
      const scores = outcomes.map((outcome) => {
        if (!outcome.ok) throw new Error(`A picture of ${name} cannot be embedded: ${outcome.reason}`);
        return dot(outcome.embedding, text);
      });
      const [whole = NaN, nothing = NaN, ...rest] = scores;
      const perOrder = 2 * (STEPS - 1);
      const curves = orders.map((order, i) => {
        const steps = rest.slice(i * perOrder, (i + 1) * perOrder);
        const [deleted, inserted] = [steps.slice(0, STEPS - 1), steps.slice(STEPS - 1)];
        const deletion = areaUnder([whole, ...deleted, nothing]);
        return [order, { deletion, insertion: areaUnder([nothing, ...inserted, whole]) }] as const;
      });
      return { whole, nothing, curves: new Map(curves) };
    },
    onDone,
  );
  const curvesOf = (order: Order): Curves => ({
    deletion: mean(measured.map(({ curves }) => curves.get(order)?.deletion ?? NaN)),
    insertion: mean(measured.map(({ curves }) => curves.get(order)?.insertion ?? NaN)),
  });
  return {
    pictures: composites.length,
    whole: mean(measured.map(({ whole }) => whole)),
    nothing: mean(measured.map(({ nothing }) => nothing)),
    curves: {
      where: curvesOf('where'),
      why: curvesOf('why'),
      elsewhere: curvesOf('elsewhere'),
      random: curvesOf('random'),
    },
  };
}

/** The hidden patches in each step: first the steps of the deletion, then those of the insertion. */
function stepsOf(importance: Float32Array): Set<number>[] {
  const order = Array.from(importance.keys()).sort((a, b) => (importance[b] ?? 0) - (importance[a] ?? 0));
  const at = (step: number): number => Math.round((step * order.length) / STEPS);
  const steps = Array.from({ length: STEPS - 1 }, (_, i) => i + 1);
  return [
    ...steps.map((step) => new Set(order.slice(0, at(step)))),
    ...steps.map((step) => new Set(order.slice(at(step)))),
  ];
}

function without(pixels: Uint8Array, hidden: ReadonlySet<number>): Uint8Array {
  const sums = [0, 0, 0];
  for (const [at, value] of pixels.entries()) sums[at % 3] = (sums[at % 3] ?? 0) + value;
  const colour = sums.map((sum) => Math.round((3 * sum) / pixels.length));
  const result = pixels.slice();
  const size = SIDE / PATCHES;
  for (const patch of hidden) {
    const [left, top] = [(patch % PATCHES) * size, Math.floor(patch / PATCHES) * size];
    for (let y = top; y < top + size; y++) {
      for (let x = left; x < left + size; x++) result.set(colour, 3 * (y * SIDE + x));
    }
  }
  return result;
}

function nameOf({ objects }: Composite): string {
  const [object] = objects;
  if (!object) throw new Error('The picture has no object.');
  return object.name;
}
