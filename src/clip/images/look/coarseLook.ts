import { LOOK_SIDE } from './imageLook.ts';
import { isFlat, type NormalisedLook } from './sameLook.ts';

/** A coarse version of a look: its projection on blocks of pixels, and the length of what the projection leaves out. */
export interface CoarseLook {
  /** [COARSE_SIDE, COARSE_SIDE] */
  readonly blocks: Float32Array;
  readonly rest: number;
}

/** Blocks on a side. */
const COARSE_SIDE = 6;
const BLOCK = LOOK_SIDE / COARSE_SIDE;

/** @returns undefined for a flat picture, which pictureCorrelation compares by its brightness */
export function coarseLook(look: NormalisedLook): CoarseLook | undefined {
  if (isFlat(look)) return undefined;
  const blocks = new Float32Array(COARSE_SIDE ** 2);
  for (const [i, value] of look.pixels.entries()) {
    const [row, column] = [Math.floor(i / LOOK_SIDE / BLOCK), Math.floor((i % LOOK_SIDE) / BLOCK)];
    const at = row * COARSE_SIDE + column;
    blocks[at] = (blocks[at] ?? 0) + value / BLOCK; // BLOCK is the length of the vector of ones on a block
  }
  return { blocks, rest: Math.sqrt(Math.max(0, 1 - dot(blocks, blocks))) };
}

/**
 * Returns an upper bound of pictureCorrelation (Cauchy-Schwarz inequality). It takes a tenth of the time, and most
 * pictures differ so much that the bound tells it.
 */
export function highestCorrelation(a: CoarseLook, b: CoarseLook): number {
  return Math.abs(dot(a.blocks, b.blocks)) + a.rest * b.rest;
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}
