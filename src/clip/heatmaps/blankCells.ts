import type { Fit } from '../images/geometry.ts';

/** Maximum difference of a channel from the colour of the surroundings, of 255: noise of compression. */
const TOLERANCE = 12;
/** Maximum difference between the channels of a grey. */
const GREY = 12;
/** Number of corners that must have the same colour. A drawing may reach one corner. */
const SAME_CORNERS = 3;

/**
 * Finds the cells that show only the blank surroundings of a drawing. An encoder gives such cells the meaning of what
 * is beside them, so a map would light them up. The surroundings are white, black or grey, as canvases and flattened
 * transparency are; a colour such as the blue of a sky may be what a prompt means. Blank cells inside of an outline
 * belong to the drawing, so only those that are connected to the edge of the image count.
 * @param pixels [size, size, 3], the square of an encoder
 * @param size pixels a side of the square
 * @param cells cells a side of the square
 * @param fit position of the image in the square
 * @returns [cells²] 1 for a blank cell; null if no cell is blank, or all are
 */
export function blankCells(pixels: Uint8Array, size: number, cells: number, fit: Fit): Uint8Array | null {
  const surroundings = cornerColour(pixels, size, fit);
  if (!surroundings) return null;
  const isPlain = new Uint8Array(cells ** 2);
  for (let cell = 0; cell < isPlain.length; cell++) {
    isPlain[cell] = isCellOf(pixels, size, cells, cell, surroundings) ? 1 : 0;
  }
  const blank = connectedToEdge(isPlain, cells);
  const count = blank.reduce((sum, value) => sum + value, 0);
  return count === 0 || count === blank.length ? null : blank;
}

type Colour = readonly [red: number, green: number, blue: number];

/** Returns the grey that most corners of the image have; undefined if there is none. */
function cornerColour(pixels: Uint8Array, size: number, fit: Fit): Colour | undefined {
  const left = Math.max(0, -fit.left);
  const top = Math.max(0, -fit.top);
  const right = Math.min(size, fit.width - fit.left) - 1;
  const bottom = Math.min(size, fit.height - fit.top) - 1;
  const corners = [top, bottom].flatMap((y) => [left, right].map((x) => colourAt(pixels, y * size + x)));
  return corners.find(
    (colour) =>
      Math.max(...colour) - Math.min(...colour) <= GREY &&
      corners.filter((other) => isNear(other, colour)).length >= SAME_CORNERS,
  );
}

/** Tells whether all pixels of a cell have a colour. */
function isCellOf(pixels: Uint8Array, size: number, cells: number, cell: number, colour: Colour): boolean {
  const side = size / cells;
  const [row, column] = [Math.floor(cell / cells), cell % cells];
  for (let y = Math.floor(row * side); y < Math.ceil((row + 1) * side); y++) {
    for (let x = Math.floor(column * side); x < Math.ceil((column + 1) * side); x++) {
      if (!isNear(colourAt(pixels, y * size + x), colour)) return false;
    }
  }
  return true;
}

function colourAt(pixels: Uint8Array, pixel: number): Colour {
  return [pixels[3 * pixel] ?? 0, pixels[3 * pixel + 1] ?? 0, pixels[3 * pixel + 2] ?? 0];
}

function isNear(a: Colour, b: Colour): boolean {
  return a.every((value, channel) => Math.abs(value - (b[channel] ?? 0)) <= TOLERANCE);
}

/** Returns the plain cells from which a path of plain cells leads to the edge of the square. */
function connectedToEdge(isPlain: Uint8Array, cells: number): Uint8Array {
  const reached = new Uint8Array(isPlain.length);
  const next: number[] = [];
  const visit = (row: number, column: number): void => {
    if (row < 0 || column < 0 || row >= cells || column >= cells) return;
    const cell = row * cells + column;
    if (isPlain[cell] !== 1 || reached[cell] === 1) return;
    reached[cell] = 1;
    next.push(cell);
  };
  for (let i = 0; i < cells; i++) {
    visit(0, i);
    visit(cells - 1, i);
    visit(i, 0);
    visit(i, cells - 1);
  }
  for (let cell = next.pop(); cell !== undefined; cell = next.pop()) {
    const [row, column] = [Math.floor(cell / cells), cell % cells];
    visit(row - 1, column);
    visit(row + 1, column);
    visit(row, column - 1);
    visit(row, column + 1);
  }
  return reached;
}

/**
 * Sets blank cells to 0: a prompt is never in them.
 * @param maps [P, cells²] probabilities; changed in place
 */
export function clearBlank(maps: Float32Array, blank: Uint8Array): void {
  for (let i = 0; i < maps.length; i++) if (blank[i % blank.length] === 1) maps[i] = 0;
}
