import { randomSource } from '../shared/random.ts';

/** Random choices of one case. The same seed, trial and case give the same choices on every machine. */
export interface Random {
  /** An integer from 0 to `limit` - 1. */
  below(limit: number): number;
  /** An integer from `least` to `most`. */
  between(least: number, most: number): number;
  pick<T>(list: readonly [T, ...T[]]): T;
  pick<T>(list: readonly T[]): T | undefined;
  chance(probability: number): boolean;
  bytes(count: number): Buffer;
}

export function randomOf(seed: number, trial: string, number: number): Random {
  let hash = 0x811c9dc5;
  for (const character of `${seed}/${trial}/${number}`) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  const next = randomSource(hash);
  for (let i = 0; i < 4; i++) next(); // the first values of similar seeds are similar
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    between: (least, most) => least + below(most - least + 1),
    pick: <T>(list: readonly T[]): T => list[below(list.length)] as T,
    chance: (probability) => next() < probability,
    bytes: (count) => Buffer.from(Array.from({ length: count }, () => below(256))),
  };
}
