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

/** Takes the mean luma of the pixels that each cell of the square covers. */
function smallPixels(raster: Raster): Uint8Array {
  const { width, height } = raster;
  const rgb = flatten(raster, encoderBackground(raster, 'contrast'));
  const pixels = new Uint8Array(LOOK_SIDE * LOOK_SIDE);
  const range = (cell: number, length: number): readonly [number, number] => {
    const first = Math.floor((cell * length) / LOOK_SIDE);
    return [first, Math.max(first + 1, Math.floor(((cell + 1) * length) / LOOK_SIDE))];
  };
  for (let row = 0; row < LOOK_SIDE; row++) {
    const [top, bottom] = range(row, height);
    for (let column = 0; column < LOOK_SIDE; column++) {
      const [left, right] = range(column, width);
      let sum = 0;
      for (let y = top; y < bottom; y++) {
        for (let at = 3 * (y * width + left); at < 3 * (y * width + right); at += 3) {
          sum += 0.299 * (rgb[at] ?? 0) + 0.587 * (rgb[at + 1] ?? 0) + 0.114 * (rgb[at + 2] ?? 0);
        }
      }
      pixels[row * LOOK_SIDE + column] = Math.round(sum / ((bottom - top) * (right - left)));
    }
  }
  return pixels;
}
