import { normalised } from '../base/vectors.ts';

/** Distance from the median beyond which a length is an outlier, in median absolute deviations. */
const OUTLIER = 3;

/**
 * Some tokens of a vision transformer store information about the whole image instead of their patch, and are far
 * longer than the others (2309.16588). Their cells get the mean of the cells around them.
 * @param rows [cells², D], unit rows
 * @param lengths [cells²] of the tokens that enter the last block
 */
export function repairOutliers(rows: Float32Array, lengths: Float32Array, cells: number): Float32Array {
  const middle = median(lengths);
  const limit = middle + OUTLIER * median(lengths.map((length) => Math.abs(length - middle)));
  const isOutlier = (cell: number): boolean => (lengths[cell] ?? 0) > limit;
  const dimensions = rows.length / lengths.length;
  const result = rows.slice();
  for (let cell = 0; cell < lengths.length; cell++) {
    const around = isOutlier(cell) ? neighbours(cell, cells).filter((other) => !isOutlier(other)) : [];
    if (around.length === 0) continue;
    const mean = new Float32Array(dimensions);
    for (const other of around) {
      for (let i = 0; i < dimensions; i++) mean[i] = (mean[i] ?? 0) + (rows[other * dimensions + i] ?? 0);
    }
    result.set(normalised(mean), cell * dimensions);
  }
  return result;
}

function neighbours(cell: number, side: number): number[] {
  const [row, column] = [Math.floor(cell / side), cell % side];
  return [
    ...(row > 0 ? [cell - side] : []),
    ...(column > 0 ? [cell - 1] : []),
    ...(column < side - 1 ? [cell + 1] : []),
    ...(row < side - 1 ? [cell + side] : []),
  ];
}

function median(values: Float32Array): number {
  const sorted = values.toSorted();
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[half] ?? 0) : ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2;
}
