import { LOOK_SIDE } from './imageLook.ts';

/** Pixels of a look minus their mean, divided by their length, and what was taken away. */
export interface NormalisedLook {
  /** [LOOK_SIDE, LOOK_SIDE] of length 1; zeros where the picture is flat. */
  readonly pixels: Float32Array;
  readonly mean: number;
  /** Standard deviation of the luma, 0 to 127. */
  readonly deviation: number;
}

/** Standard deviation of the luma below which a picture has nothing to compare. */
const FLAT = 4;
/** Shares of a side that a crop keeps. */
const CROPS = [0.97, 0.94, 0.91, 0.88, 0.85, 0.82];
/** Positions of a crop, as shares of the part that is cut away. */
const POSITIONS = [0, 0.5, 1];

/** @param pixels ImageLook.pixels @returns undefined for an empty look */
export function normalisedLook(pixels: Uint8Array): NormalisedLook | undefined {
  if (pixels.length !== LOOK_SIDE * LOOK_SIDE) return undefined;
  return normalise(Float32Array.from(pixels));
}

/**
 * Compares the pixels of two pictures by normalised cross-correlation, which ignores brightness and contrast and thereby
 * most changes of colour. A negative of the picture counts as the picture.
 * @returns 0 to 1
 */
export function pictureCorrelation(a: NormalisedLook, b: NormalisedLook): number {
  if (a.deviation < FLAT || b.deviation < FLAT) {
    const isBoth = a.deviation < FLAT && b.deviation < FLAT;
    return isBoth && Math.abs(a.mean - b.mean) < FLAT ? 1 : 0;
  }
  return Math.abs(correlation(a.pixels, b.pixels));
}

/** Like pictureCorrelation, also where one picture is a crop of the other that keeps at least 0.8 of each side. */
export function croppedCorrelation(a: NormalisedLook, b: NormalisedLook): number {
  const whole = pictureCorrelation(a, b);
  if (a.deviation < FLAT || b.deviation < FLAT) return whole;
  return Math.max(whole, bestCrop(a, b), bestCrop(b, a));
}

/** Returns the highest correlation of a picture with a crop of another. */
function bestCrop(whole: NormalisedLook, part: NormalisedLook): number {
  let best = 0;
  for (const crop of cropsOf(whole)) best = Math.max(best, Math.abs(correlation(crop, part.pixels)));
  return best;
}

/** The crops of a picture, which are compared with many others. They are freed with the picture. */
const crops = new WeakMap<NormalisedLook, readonly Float32Array[]>();

function cropsOf(whole: NormalisedLook): readonly Float32Array[] {
  const known = crops.get(whole);
  if (known) return known;
  const all = CROPS.flatMap((kept) =>
    POSITIONS.flatMap((x) => POSITIONS.map((y) => normalise(cropped(whole.pixels, kept, x, y)).pixels)),
  );
  crops.set(whole, all);
  return all;
}

/** Resamples a part of a square picture bilinearly to the whole square. */
function cropped(pixels: Float32Array, kept: number, x: number, y: number): Float32Array {
  const result = new Float32Array(pixels.length);
  const last = LOOK_SIDE - 1;
  const cut = (1 - kept) * LOOK_SIDE;
  for (let row = 0; row < LOOK_SIDE; row++) {
    const v = Math.min(last, Math.max(0, (row + 0.5) * kept + y * cut - 0.5));
    const [top, down] = [Math.floor(v), v - Math.floor(v)];
    const bottom = Math.min(last, top + 1);
    for (let column = 0; column < LOOK_SIDE; column++) {
      const u = Math.min(last, Math.max(0, (column + 0.5) * kept + x * cut - 0.5));
      const [left, right] = [Math.floor(u), u - Math.floor(u)];
      const next = Math.min(last, left + 1);
      const at = (r: number, c: number): number => pixels[r * LOOK_SIDE + c] ?? 0;
      const upper = at(top, left) * (1 - right) + at(top, next) * right;
      const lower = at(bottom, left) * (1 - right) + at(bottom, next) * right;
      result[row * LOOK_SIDE + column] = upper * (1 - down) + lower * down;
    }
  }
  return result;
}

function normalise(values: Float32Array): NormalisedLook {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  const length = Math.sqrt(squares);
  const pixels = values.map((value) => (length > 0 ? (value - mean) / length : 0));
  return { pixels, mean, deviation: length / Math.sqrt(values.length) };
}

function correlation(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}
