import { randomSource } from '../bench/random.ts';
import { dot, type Inference } from '../../src/clip/index.ts';
import { mean } from '../evaluate/metrics.ts';
import { pngOf, SIDE, type Composite } from './composites.ts';
import { mapOf, measureAll } from './maps.ts';
import { areaUnder, onPatches } from './metrics.ts';

/** Patches a side that are hidden or shown, and how many steps it takes for all of them. */
const PATCHES = 16;
const STEPS = 8;

/** In which order patches are hidden. `elsewhere`: the map of another picture, which is as compact and in the wrong place. */
export const orders = ['where', 'why', 'elsewhere', 'random'] as const;
export type Order = (typeof orders)[number];

/** Areas under the curves of the cosine between picture and name. */
export interface Curves {
  /** What the map calls important is hidden first: lower is better. */
  readonly deletion: number;
  /** What the map calls important is shown first, on nothing: higher is better. */
  readonly insertion: number;
}

export interface Faithfulness {
  readonly pictures: number;
  /** Of the pictures as they are, and of nothing but their mean colour. */
  readonly whole: number;
  readonly nothing: number;
  readonly curves: Readonly<Record<Order, Curves>>;
}

/**
 * Deletion and insertion (Petsiuk et al., 1806.07421): what the similarity loses when the important is hidden under the picture's mean
 * colour, and what it gains when that is all there is.
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
        const own = rest.slice(i * perOrder, (i + 1) * perOrder);
        const [deleted, inserted] = [own.slice(0, STEPS - 1), own.slice(STEPS - 1)];
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

/** The patches that are hidden: first those of the deletion, the most important ones first, then those of the insertion. */
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

function nameOf({ things }: Composite): string {
  const [thing] = things;
  if (!thing) throw new Error('The picture shows nothing.');
  return thing.name;
}
