import { encoderBackground, flatten } from '../background.ts';
import type { Raster } from '../raster.ts';
import { mainColours, type MainColour } from './mainColours.ts';

/** A small description of the pixels of an image, which the index stores beside its embedding. */
export interface ImageLook {
  /** The main colours, COLOUR_BYTES for each; see coloursOf. */
  readonly colours: Uint8Array;
  /** [LOOK_SIDE, LOOK_SIDE] luma of the image, squashed into a square. */
  readonly pixels: Uint8Array;
}

/** The look of an image, and the content that it belongs to. */
export interface HashedLook {
  /** SHA-256 of the bytes that were decoded, in hexadecimal. */
  readonly hash: string;
  readonly look: ImageLook;
}

/** Pixels of one side of `ImageLook.pixels`. */
export const LOOK_SIDE = 24;
const COLOUR_BYTES = 4;
/** Largest magnitude of the a and b of an sRGB colour. */
const MOST_CHROMA = 0.4;

/**
 * Describes the pixels of an image.
 * @param onContrast the image on the background of `encoderBackground(raster, 'contrast')`, [height, width, 3]
 */
export function lookOf(raster: Raster, onContrast: Uint8Array = flattened(raster)): ImageLook {
  const { width, height } = raster;
  return { colours: encodeColours(mainColours(raster)), pixels: smallPixels(onContrast, width, height) };
}

function flattened(raster: Raster): Uint8Array {
  return flatten(raster, encoderBackground(raster, 'contrast'));
}

/** Encodes colours in bytes: share, lightness, a and b. */
export function encodeColours(colours: readonly MainColour[]): Uint8Array {
  const byte = (value: number): number => Math.max(0, Math.min(255, Math.round(255 * value)));
  const axis = (value: number): number => byte((value / MOST_CHROMA + 1) / 2);
  return Uint8Array.from(colours.flatMap(({ share, l, a, b }) => [byte(share), byte(l), axis(a), axis(b)]));
}

/** Decodes the main colours of a look, the largest first. */
export function coloursOf(bytes: Uint8Array): MainColour[] {
  const axis = (byte: number): number => ((2 * byte) / 255 - 1) * MOST_CHROMA;
  return Array.from({ length: Math.floor(bytes.length / COLOUR_BYTES) }, (_, i) => {
    const [share = 0, l = 0, a = 0, b = 0] = bytes.subarray(i * COLOUR_BYTES, (i + 1) * COLOUR_BYTES);
    return { share: share / 255, l: l / 255, a: axis(a), b: axis(b) };
  });
}

/**
 * Takes the mean luma of the area that each cell of the square covers, with fractions of pixels.
 * @param rgb [height, width, 3]
 */
function smallPixels(rgb: Uint8Array, width: number, height: number): Uint8Array {
  const columns = cellsOf(width);
  const luma = new Float64Array(width);
  const across = new Float32Array(LOOK_SIDE * height);
  for (let y = 0, from = 0; y < height; y++) {
    for (let x = 0; x < width; x++, from += 3) {
      luma[x] = 0.299 * (rgb[from] ?? 0) + 0.587 * (rgb[from + 1] ?? 0) + 0.114 * (rgb[from + 2] ?? 0);
    }
    // By columns, so that the second pass reads consecutive values.
    for (let column = 0; column < LOOK_SIDE; column++) across[column * height + y] = cellMean(luma, columns, column);
  }
  const rows = cellsOf(height);
  const pixels = new Uint8Array(LOOK_SIDE * LOOK_SIDE);
  for (let column = 0; column < LOOK_SIDE; column++) {
    const values = across.subarray(column * height, (column + 1) * height);
    for (let row = 0; row < LOOK_SIDE; row++) {
      pixels[row * LOOK_SIDE + column] = Math.round(cellMean(values, rows, row));
    }
  }
  return pixels;
}

/** The values of a side that each cell covers. */
interface Cells {
  /** [LOOK_SIDE] the first value of each cell. */
  readonly starts: Int32Array;
  /** [LOOK_SIDE, width] the covered part of this value and of the following ones. */
  readonly weights: Float64Array;
  readonly width: number;
  /** [LOOK_SIDE] the sum of the parts. */
  readonly sums: Float64Array;
}

/** @param length number of values over all cells */
function cellsOf(length: number): Cells {
  const width = Math.ceil(length / LOOK_SIDE) + 1;
  const starts = new Int32Array(LOOK_SIDE);
  const weights = new Float64Array(LOOK_SIDE * width);
  const sums = new Float64Array(LOOK_SIDE);
  for (let cell = 0; cell < LOOK_SIDE; cell++) {
    const from = (cell * length) / LOOK_SIDE;
    const to = ((cell + 1) * length) / LOOK_SIDE;
    const start = Math.floor(from);
    starts[cell] = start;
    sums[cell] = to - from;
    for (let i = start; i < to; i++) weights[cell * width + i - start] = Math.min(to, i + 1) - Math.max(from, i);
  }
  return { starts, weights, width, sums };
}

function cellMean(values: Float32Array | Float64Array, { starts, weights, width, sums }: Cells, cell: number): number {
  const start = starts[cell] ?? 0;
  const taps = Math.min(width, values.length - start);
  let sum = 0;
  for (let tap = 0; tap < taps; tap++) sum += (values[start + tap] ?? 0) * (weights[cell * width + tap] ?? 0);
  return sum / (sums[cell] ?? 1);
}
