import type { Fit } from '../images/geometry.ts';

/** A grid of square cells over an image, without cells that lie entirely outside of it. */
export interface CellGrid {
  /** The cells of the encoder's square that show the image. */
  readonly left: number;
  readonly top: number;
  readonly columns: number;
  readonly rows: number;
  /** The area that they cover, in fractions of the image's sides; beyond 0…1 where cells extend into the letterbox. */
  readonly area: { readonly left: number; readonly top: number; readonly width: number; readonly height: number };
}

/**
 * The cells of an encoder's square that show the image.
 * @param fit position of the image in the square
 * @param size pixels a side of the square
 * @param cells a side of the square
 */
export function gridOver(fit: Fit, size: number, cells: number): CellGrid {
  const cell = size / cells;
  const across = (begin: number, length: number) => {
    const first = Math.max(0, Math.floor(-begin / cell));
    const count = Math.min(cells, Math.ceil((length - begin) / cell)) - first;
    return { first, count, from: (begin + first * cell) / length, extent: (count * cell) / length };
  };
  const x = across(fit.left, fit.width);
  const y = across(fit.top, fit.height);
  const area = { left: x.from, top: y.from, width: x.extent, height: y.extent };
  return { left: x.first, top: y.first, columns: x.count, rows: y.count, area };
}

/** Crops maps of the whole square to a grid: [P, cells, cells] → [P, rows, columns] */
export function cropMaps(maps: Float32Array, cells: number, { left, top, columns, rows }: CellGrid): Float32Array {
  const count = maps.length / cells ** 2;
  const result = new Float32Array(count * rows * columns);
  for (let map = 0; map < count; map++) {
    for (let row = 0; row < rows; row++) {
      const from = (map * cells + top + row) * cells + left;
      result.set(maps.subarray(from, from + columns), (map * rows + row) * columns);
    }
  }
  return result;
}
