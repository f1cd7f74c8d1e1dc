import { dot } from '../base/vectors.ts';

/** Products of every prompt with every cell: prompts [P, D] and cells [n, D] → [P, n] */
export function products(prompts: Float32Array, cells: Float32Array, dimensions: number): Float32Array {
  const n = cells.length / dimensions;
  const count = prompts.length / dimensions;
  const result = new Float32Array(count * n);
  for (let prompt = 0; prompt < count; prompt++) {
    const row = prompts.subarray(prompt * dimensions, (prompt + 1) * dimensions);
    for (let cell = 0; cell < n; cell++) {
      result[prompt * n + cell] = dot(row, cells.subarray(cell * dimensions, (cell + 1) * dimensions));
    }
  }
  return result;
}

/** Factor of cosines in the softmax of prompts and background. */
export const CONTRAST = 40;
/** The same for means of windows. They are shorter than unit vectors, because the windows over a cell differ. */
export const WINDOW_CONTRAST = 60;

/**
 * Contrast: the softmax over all prompts and the background in each cell. All prompts have low values where the
 * background is more similar.
 * @param similarities [P, n] and background [M, n], cosines
 * @param factor of the cosines
 * @returns [P, n] probabilities
 */
export function contrast(
  similarities: Float32Array,
  background: Float32Array,
  n: number,
  factor: number,
): Float32Array {
  const result = new Float32Array(similarities.length);
  const columnSum = (rows: Float32Array, cell: number, largest: number): number => {
    let sum = 0;
    for (let at = cell; at < rows.length; at += n) sum += Math.exp(factor * ((rows[at] ?? 0) - largest));
    return sum;
  };
  for (let cell = 0; cell < n; cell++) {
    let largest = -Infinity; // subtracted first, so that exp does not overflow
    for (const rows of [similarities, background]) {
      for (let at = cell; at < rows.length; at += n) largest = Math.max(largest, rows[at] ?? 0);
    }
    const total = columnSum(similarities, cell, largest) + columnSum(background, cell, largest);
    for (let at = cell; at < result.length; at += n) {
      result[at] = Math.exp(factor * ((similarities[at] ?? 0) - largest)) / total;
    }
  }
  return result;
}

/** The common scale of maps of all images: from the probability by chance among M backgrounds to 1. */
export function whereRange(backgrounds: number): readonly [number, number] {
  return backgrounds === 0 ? [0, 1] : [1 / (backgrounds + 1), 1];
}

/** A range that is symmetric around zero. */
export function whyRange(values: Float32Array): readonly [number, number] {
  const most = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  return [-most, most];
}
