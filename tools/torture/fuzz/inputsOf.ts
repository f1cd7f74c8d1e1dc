import fc from 'fast-check';
import type { FuzzTarget } from './target.ts';

/** Inputs that are generated together. Their seed is that of the chunk, so that a case can be repeated alone. */
export const CHUNK = 250;

/** The inputs of a chunk. */
export function inputsOf({ inputs }: FuzzTarget, seed: number, chunk: number): unknown[] {
  return fc.sample(inputs, { seed: Math.imul(seed + 1, 0x9e3779b1) ^ chunk, numRuns: CHUNK });
}

const MOST_CHARACTERS = 600;

export function shownInput(input: unknown): string {
  return fc.stringify(input).slice(0, MOST_CHARACTERS);
}
