import { resample } from '../images/resample.ts';

/**
 * Heatmaps of any image encoder: it encodes windows of the image, or the image with hidden windows, and the result of
 * each window is spread over the cells that it covers.
 */

/** Windows of one size over a square: `parts` of them side by side, and further windows half-way between them. */
export interface WindowGrid {
  readonly parts: number;
  /** Windows a side. */
  readonly count: number;
}

export function windowGrid(parts: number): WindowGrid {
  return { parts, count: 2 * parts - 1 };
}

/**
 * Cuts a square into windows and resizes each to the encoder's size.
 * @param pixels [side, side, 3]
 * @returns windows [size, size, 3], row by row
 */
export function cutWindows(pixels: Uint8Array, side: number, { parts, count }: WindowGrid, size: number): Uint8Array[] {
  const reduced = size * parts;
  const axis = { from: side, origin: 0, to: reduced, first: 0, count: reduced };
  const square = resample({ data: pixels, width: side, height: side }, axis, axis);
  return positions(count).map(({ row, column }) => {
    const window = new Uint8Array(size * size * 3);
    const [left, top] = [Math.round((column * size) / 2), Math.round((row * size) / 2)];
    for (let y = 0; y < size; y++) {
      const start = ((top + y) * reduced + left) * 3;
      window.set(square.subarray(start, start + size * 3), y * size * 3);
    }
    return window;
  });
}

/**
 * The square with one window after the other filled with its mean colour, which adds no new content (occlusion, Zeiler
 * and Fergus, 1311.2901).
 * @param pixels [side, side, 3]
 */
export function hideWindows(pixels: Uint8Array, side: number, { parts, count }: WindowGrid): Uint8Array[] {
  const mean = meanColour(pixels);
  const edge = (step: number): number => Math.round((step * side) / (2 * parts));
  return positions(count).map(({ row, column }) => {
    const copy = new Uint8Array(pixels); // slices of a Buffer would share its memory
    for (let y = edge(row); y < edge(row + 2); y++) {
      for (let x = edge(column); x < edge(column + 2); x++) copy.set(mean, (y * side + x) * 3);
    }
    return copy;
  });
}

function positions(count: number): { readonly row: number; readonly column: number }[] {
  return Array.from({ length: count * count }, (_, i) => ({ row: Math.floor(i / count), column: i % count }));
}

function meanColour(pixels: Uint8Array): number[] {
  const sums = [0, 0, 0];
  for (let at = 0; at < pixels.length; at++) sums[at % 3] = (sums[at % 3] ?? 0) + (pixels[at] ?? 0);
  return sums.map((sum) => (3 * sum) / pixels.length);
}

/**
 * Spreads vectors of windows over a grid of cells: each cell gets the mean of the windows over it, weighted by the
 * squared cosine of the distance from their centres, so that no edges of windows are visible.
 * @param rows [count², D], in the order of cutWindows
 * @returns [cells², D]
 */
export function overlapAdd(rows: Float32Array, grid: WindowGrid, cells: number): Float32Array {
  const dimensions = rows.length / grid.count ** 2;
  const result = new Float32Array(cells * cells * dimensions);
  const weights = Array.from({ length: cells }, (_, cell) => weightsAt((cell + 0.5) / cells, grid));
  for (const [row, down] of weights.entries()) {
    for (const [column, across] of weights.entries()) {
      const to = (row * cells + column) * dimensions;
      for (const y of down) {
        for (const x of across) {
          const from = (y.window * grid.count + x.window) * dimensions;
          const weight = y.weight * x.weight;
          for (let i = 0; i < dimensions; i++) result[to + i] = (result[to + i] ?? 0) + weight * (rows[from + i] ?? 0);
        }
      }
    }
  }
  return result;
}

/** The windows over a position from 0 to 1, with weights that add up to 1. */
function weightsAt(
  position: number,
  { parts, count }: WindowGrid,
): { readonly window: number; readonly weight: number }[] {
  const all = Array.from({ length: count }, (_, window) => {
    const distance = position * parts - (window / 2 + 0.5); // from the centre of the window, in window widths
    return { window, weight: Math.abs(distance) < 0.5 ? Math.cos(Math.PI * distance) ** 2 : 0 };
  });
  const sum = all.reduce((total, { weight }) => total + weight, 0);
  return all.filter(({ weight }) => weight > 0).map(({ window, weight }) => ({ window, weight: weight / sum }));
}
