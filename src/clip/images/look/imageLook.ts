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

export function lookOf(raster: Raster): ImageLook {
  return { colours: encodeColours(mainColours(raster)), pixels: smallPixels(raster) };
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

/** Takes the mean luma of the area that each cell of the square covers, with fractions of pixels. */
function smallPixels(raster: Raster): Uint8Array {
  const { width, height } = raster;
  const rgb = flatten(raster, encoderBackground(raster, 'contrast'));
  const across = Float32Array.from({ length: LOOK_SIDE * height });
  for (let y = 0; y < height; y++) {
    const luma = (x: number): number => {
      const at = 3 * (y * width + x);
      return 0.299 * (rgb[at] ?? 0) + 0.587 * (rgb[at + 1] ?? 0) + 0.114 * (rgb[at + 2] ?? 0);
    };
    for (let column = 0; column < LOOK_SIDE; column++) {
      across[y * LOOK_SIDE + column] = cellMean(column, width, luma);
    }
  }
  return Uint8Array.from({ length: LOOK_SIDE * LOOK_SIDE }, (_, at) => {
    const column = at % LOOK_SIDE;
    const row = Math.floor(at / LOOK_SIDE);
    return Math.round(cellMean(row, height, (y) => across[y * LOOK_SIDE + column] ?? 0));
  });
}

/** Returns the mean of the values that a cell covers, out of `length` values over LOOK_SIDE cells. */
function cellMean(cell: number, length: number, valueAt: (i: number) => number): number {
  const from = (cell * length) / LOOK_SIDE;
  const to = ((cell + 1) * length) / LOOK_SIDE;
  let sum = 0;
  for (let i = Math.floor(from); i < to; i++) sum += valueAt(i) * (Math.min(to, i + 1) - Math.max(from, i));
  return sum / (to - from);
}
