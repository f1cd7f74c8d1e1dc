import { valueAt, type HeatmapGrid } from '../../src/heatmapPicture.ts';

/**
 * Metrics of a map against the position of an object. Equal values have no order: each metric is the expected value.
 */

/** The pixels of an object in a square picture: [side, side], row-major. */
export interface Mask {
  readonly side: number;
  readonly inside: Uint8Array;
}

export interface Pointing {
  /** The probability that a cell with the highest value touches the object. */
  readonly hit: number;
  /** The same probability for a random cell. */
  readonly chance: number;
}

/** The pointing game: whether the hottest cell touches the object. */
export function pointing(grid: HeatmapGrid, mask: Mask): Pointing {
  const highest = Math.max(...grid.values);
  let [touching, touchingHighest, allHighest] = [0, 0, 0];
  for (const [cell, value] of grid.values.entries()) {
    const touches = cellTouches(grid, cell, mask);
    if (touches) touching++;
    if (value !== highest) continue;
    allHighest++;
    if (touches) touchingHighest++;
  }
  return { hit: touchingHighest / allHighest, chance: touching / grid.values.length };
}

function cellTouches({ columns, rows, area }: HeatmapGrid, cell: number, { side, inside }: Mask): boolean {
  const [row, column] = [Math.floor(cell / columns), cell % columns];
  const pixel = (fraction: number): number => Math.max(0, Math.min(side, Math.round(fraction * side)));
  const left = pixel(area.left + (column / columns) * area.width);
  const right = pixel(area.left + ((column + 1) / columns) * area.width);
  const bottom = pixel(area.top + ((row + 1) / rows) * area.height);
  for (let y = pixel(area.top + (row / rows) * area.height); y < bottom; y++) {
    if (inside.subarray(y * side + left, y * side + right).includes(1)) return true;
  }
  return false;
}

/** A map, interpolated between the centres of its cells as in the picture, at the centres of count² patches. */
export function onPatches(grid: HeatmapGrid, count: number): Float32Array {
  return Float32Array.from({ length: count * count }, (_, i) =>
    valueAt(grid, ((i % count) + 0.5) / count, (Math.floor(i / count) + 0.5) / count, false),
  );
}

/** Which of count² patches belong to the object by at least half of their area. */
export function patchesOf({ side, inside }: Mask, count: number): boolean[] {
  const size = side / count;
  return Array.from({ length: count * count }, (_, i) => {
    const [left, top] = [(i % count) * size, Math.floor(i / count) * size];
    let sum = 0;
    for (let y = top; y < top + size; y++) for (let x = left; x < left + size; x++) sum += inside[y * side + x] ?? 0;
    return 2 * sum >= size * size;
  });
}

/**
 * The probability that a patch of the object has a higher value than another patch. NaN where all patches are of one
 * kind.
 */
export function auroc(values: Float32Array, truth: readonly boolean[]): number {
  const order = Array.from(values.keys()).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const positives = truth.filter(Boolean).length;
  let rankSum = 0;
  for (let start = 0; start < order.length;) {
    let end = start;
    let positivesOfGroup = 0;
    while (end < order.length && values[order[end] ?? 0] === values[order[start] ?? 0]) {
      if (truth[order[end] ?? -1]) positivesOfGroup++;
      end++;
    }
    rankSum += positivesOfGroup * ((start + end + 1) / 2); // ranks start at 1; equal values share their mean rank
    start = end;
  }
  const negatives = truth.length - positives;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}

/** Intersection over union of the object and the patches above a threshold. */
export function intersectionOverUnion(values: Float32Array, threshold: number, truth: readonly boolean[]): number {
  let [both, either] = [0, 0];
  for (const [i, value] of values.entries()) {
    const found = value > threshold;
    if (found && truth[i]) both++;
    if (found || truth[i]) either++;
  }
  return either === 0 ? 1 : both / either;
}

/** Pearson's correlation; NaN where one of the arrays is constant. */
export function correlation(a: Float32Array, b: Float32Array): number {
  const meanOf = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [meanOf(a), meanOf(b)];
  let [product, squaresA, squaresB] = [0, 0, 0];
  for (const [i, value] of a.entries()) {
    const [x, y] = [value - meanA, (b[i] ?? NaN) - meanB];
    product += x * y;
    squaresA += x * x;
    squaresB += y * y;
  }
  return product / Math.sqrt(squaresA * squaresB);
}

/** The values of the cells that two maps share when the second one is moved by whole cells. */
export function shifted(
  before: HeatmapGrid,
  after: HeatmapGrid,
  right: number,
  down: number,
): readonly [Float32Array, Float32Array] {
  const pairs: [number, number][] = [];
  for (let row = 0; row < before.rows; row++) {
    for (let column = 0; column < before.columns; column++) {
      const [toRow, toColumn] = [row + down, column + right];
      if (toRow < 0 || toRow >= after.rows || toColumn < 0 || toColumn >= after.columns) continue;
      pairs.push([
        before.values[row * before.columns + column] ?? 0,
        after.values[toRow * after.columns + toColumn] ?? 0,
      ]);
    }
  }
  return [Float32Array.from(pairs, ([a]) => a), Float32Array.from(pairs, ([, b]) => b)];
}

/** The area under a curve of evenly spaced points with a total width of 1. */
export function areaUnder(curve: readonly number[]): number {
  const inner = curve.slice(1, -1).reduce((sum, value) => sum + value, 0);
  return (inner + ((curve[0] ?? NaN) + (curve.at(-1) ?? NaN)) / 2) / (curve.length - 1);
}
