import { LRUCache } from 'lru-cache';
import type { Raster } from './raster.ts';

/** The resampling of one side, in pixels. */
export interface Axis {
  /** Length of the whole image, and the offset of the given pixels in it. */
  readonly from: number;
  readonly origin: number;
  /** Length of the whole resampled image, and the part of it to return. */
  readonly to: number;
  readonly first: number;
  readonly count: number;
}

/** For each pixel of the result, the first source pixel, and the weights of this pixel and of the following ones. */
interface Taps {
  readonly starts: Int32Array;
  /** [count, width], fixed point. */
  readonly weights: Int32Array;
  readonly width: number;
}

/**
 * Fraction bits of the weights, as in Pillow's resampling of 8-bit images, so that the results are equal bit for bit.
 */
const FRACTION_BITS = 22;
const ONE = 2 ** FRACTION_BITS;
const HALF = ONE / 2;
/** Keys 1981, with the slope of Pillow and of the pre-processing in the paper. */
const BICUBIC_SLOPE = -0.5;

/** The interpolation of sides that get longer. */
export type Kernel = 'cubic' | 'linear';

/**
 * Resamples [height, width, 3] by rows, then by columns. Sides that get longer use bicubic convolution or linear
 * interpolation, bit for bit as in Pillow. Sides that get shorter use the mean of the area that a pixel covers.
 * @returns [y.count, x.count, 3]
 */
export function resample(
  { data, width, height }: Omit<Raster, 'channels'>,
  x: Axis,
  y: Axis,
  kernel: Kernel = 'cubic',
): Uint8Array {
  if (x.from === x.to && y.from === y.to) return crop(data, width, x, y);
  const rows = { lines: height, length: width, lineStep: width * 3, step: 3 };
  const across = resampleLines(data, rows, tapsOf(x, kernel), { lineStep: x.count * 3, step: 3 });
  const columns = { lines: x.count, length: height, lineStep: 3, step: x.count * 3 };
  return resampleLines(across, columns, tapsOf(y, kernel), { lineStep: 3, step: x.count * 3 });
}

/** @returns [y.count, x.count, 3] of an image that is not resized */
function crop(data: Uint8Array, width: number, x: Axis, y: Axis): Uint8Array {
  if (x.count === width && y.count * width * 3 === data.length) return data;
  const result = new Uint8Array(y.count * x.count * 3);
  for (let row = 0; row < y.count; row++) {
    const start = ((y.first - y.origin + row) * width + x.first - x.origin) * 3;
    result.set(data.subarray(start, start + x.count * 3), row * x.count * 3);
  }
  return result;
}

interface Layout {
  /** Bytes from one line to the next, and from one pixel of a line to the next. */
  readonly lineStep: number;
  readonly step: number;
}

function resampleLines(
  source: Uint8Array,
  { lines, length, lineStep, step }: Layout & { readonly lines: number; readonly length: number },
  { starts, weights, width }: Taps,
  to: Layout,
): Uint8Array {
  const result = new Uint8Array(lines * starts.length * 3);
  for (let line = 0; line < lines; line++) {
    for (let i = 0; i < starts.length; i++) {
      const start = starts[i] ?? 0;
      const taps = Math.min(width, length - start);
      const from = line * lineStep + start * step;
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      for (let tap = 0, at = from; tap < taps; tap++, at += step) {
        const weight = weights[i * width + tap] ?? 0;
        red += weight * (source[at] ?? 0);
        green += weight * (source[at + 1] ?? 0);
        blue += weight * (source[at + 2] ?? 0);
      }
      const target = line * to.lineStep + i * to.step;
      result[target] = toByte(red);
      result[target + 1] = toByte(green);
      result[target + 2] = toByte(blue);
    }
  }
  return result;
}

function toByte(sum: number): number {
  return Math.min(255, Math.max(0, sum >> FRACTION_BITS));
}

/** The taps of the last axes, because many images of a folder have the same size. */
const knownTaps = new LRUCache<string, Taps>({ max: 64 });

function tapsOf(axis: Axis, kernel: Kernel): Taps {
  const key = `${kernel} ${axis.from} ${axis.to} ${axis.origin} ${axis.first} ${axis.count}`;
  const known = knownTaps.get(key);
  if (known) return known;
  const taps = computeTaps(axis, kernel);
  knownTaps.set(key, taps);
  return taps;
}

function computeTaps(axis: Axis, kernel: Kernel): Taps {
  const { from, to, origin, first, count } = axis;
  const weightsOf = to > from ? kernelWeights(kernel) : areaWeights; // for equal lengths the area is the pixel itself
  const rows = Array.from({ length: count }, (_, i) => weightsOf(first + i, from / to, from));
  const width = rows.reduce((widest, { weights }) => Math.max(widest, weights.length), 0);
  const taps = { starts: new Int32Array(count), weights: new Int32Array(count * width), width };
  rows.forEach(({ start, weights }, i) => {
    taps.starts[i] = start - origin;
    const sum = weights.reduce((total, weight) => total + weight, 0);
    weights.forEach((weight, tap) => {
      // Rounds half away from zero, as Pillow does.
      const scaled = (weight / sum) * ONE;
      taps.weights[i * width + tap] = Math.trunc(scaled + Math.sign(scaled) * 0.5);
    });
  });
  return taps;
}

interface Weights {
  readonly start: number;
  readonly weights: readonly number[];
}

/**
 * Weights to make a side longer. The centre of pixel i is at (i + ½)·scale of the source. The four or two pixels around
 * it count, fewer at the edges.
 */
function kernelWeights(kernel: Kernel): (i: number, scale: number, from: number) => Weights {
  const [reach, weigh] = kernel === 'cubic' ? [2, bicubic] : [1, linear];
  return (i, scale, from) => {
    const centre = (i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(centre - reach + 0.5));
    const end = Math.min(from, Math.trunc(centre + reach + 0.5));
    const weights = Array.from({ length: end - start }, (_, tap) => weigh(start + tap - centre + 0.5));
    return { start, weights };
  };
}

function linear(signed: number): number {
  return Math.max(0, 1 - Math.abs(signed));
}

function bicubic(signed: number): number {
  const a = BICUBIC_SLOPE;
  const x = Math.abs(signed);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

/**
 * Weights to make a side shorter. Pixel i covers [i·scale, (i + 1)·scale) of the source, whose pixels count by their
 * covered part.
 */
function areaWeights(i: number, scale: number, from: number): Weights {
  const [left, right] = [i * scale, (i + 1) * scale];
  const start = Math.floor(left);
  const end = Math.min(from, Math.ceil(right));
  const weights = Array.from({ length: end - start }, (_, tap) => {
    const pixel = start + tap;
    return Math.max(0, Math.min(pixel + 1, right) - Math.max(pixel, left));
  });
  return { start, weights };
}
