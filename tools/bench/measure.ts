import { median } from '../shared/statistics.ts';

/** The duration of `work` in seconds. */
export async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** The duration of a round in seconds. The best round shows what the machine does when it is idle. */
export interface Timing {
  readonly median: number;
  readonly best: number;
}

/**
 * Runs all sides in alternation (A B A B …), because the load of a machine changes over time. Each side returns the
 * seconds of one of its rounds. The first round of each, in which models load, does not count.
 */
export async function interleaved<Side extends string>(
  rounds: number,
  sides: Readonly<Record<Side, () => Promise<number>>>,
): Promise<Record<Side, Timing>> {
  const names = Object.keys(sides) as Side[];
  const seconds = new Map(names.map((name) => [name, [] as number[]]));
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const duration = await sides[name]();
      if (round > 0) seconds.get(name)?.push(duration);
    }
  }
  const timings = names.map((name) => {
    const values = seconds.get(name) ?? [];
    return [name, { median: median(values), best: Math.min(...values) }];
  });
  return Object.fromEntries(timings) as Record<Side, Timing>;
}

/** The least cosine between vectors with the same index. It shows how closely two implementations agree. */
export function leastCosine(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  if (a.length !== b.length) throw new Error(`${a.length} embeddings against ${b.length}`);
  return Math.min(...a.map((vector, i) => cosine(vector, b[i] ?? new Float32Array())));
}

/** The median cosine between neighbours in a list, as the typical cosine between different images. */
export function medianCosineOfNeighbours(vectors: readonly Float32Array[]): number {
  return median(vectors.slice(1).map((vector, i) => cosine(vector, vectors[i] ?? new Float32Array())));
}

export function cosine(a: Float32Array, b: Float32Array): number {
  let product = 0;
  let squaresOfA = 0;
  let squaresOfB = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i] ?? 0;
    const y = b[i] ?? 0;
    product += x * y;
    squaresOfA += x * x;
    squaresOfB += y * y;
  }
  return product / Math.sqrt(squaresOfA * squaresOfB);
}
