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

/** Tells whether a picture has nothing to compare but its brightness. */
export function isFlat({ deviation }: NormalisedLook): boolean {
  return deviation < FLAT;
}

/**
 * Compares the pixels of two pictures by normalised cross-correlation, which ignores brightness and contrast and
 * thereby most changes of colour. A negative of the picture counts as the picture.
 * @returns 0 to 1
 */
export function pictureCorrelation(a: NormalisedLook, b: NormalisedLook): number {
  if (isFlat(a) || isFlat(b)) {
    return isFlat(a) && isFlat(b) && Math.abs(a.mean - b.mean) < FLAT ? 1 : 0;
  }
  return Math.abs(correlation(a.pixels, b.pixels));
}

/**
 * Compares a picture with the parts of another, and the other way round.
 * @returns the highest correlation with a part that has at least 0.82 of each side; 0 to 1
 */
export function cropCorrelation(a: NormalisedLook, b: NormalisedLook): number {
  if (isFlat(a) || isFlat(b)) return 0;
  return Math.max(bestCrop(a, b), bestCrop(b, a));
}

/** A part of a picture: the share of each side, and the position as a share of what is cut away. */
interface Crop {
  readonly kept: number;
  readonly x: number;
  readonly y: number;
}

const GRID = CROPS.flatMap((kept) => POSITIONS.flatMap((x) => POSITIONS.map((y): Crop => ({ kept, x, y }))));
/** Correlation from which a crop of the grid is worth refining. */
const PROMISING = 0.8;

function bestCrop(whole: NormalisedLook, part: NormalisedLook): number {
  let best = 0;
  let crop: Crop = { kept: 1, x: 0, y: 0 };
  for (const [i, pixels] of gridOf(whole).entries()) {
    const found = Math.abs(correlation(pixels, part.pixels));
    if (found > best) [best, crop] = [found, GRID[i] ?? crop];
  }
  if (best < PROMISING) return best;
  for (const [step, shift] of [
    [0.015, 0.25],
    [0.0075, 0.125],
  ] as const) {
    const { kept, x, y }: Crop = crop;
    for (const nextKept of [kept - step, kept, kept + step]) {
      for (const nextX of [x - shift, x, x + shift]) {
        for (const nextY of [y - shift, y, y + shift]) {
          const next = { kept: Math.min(1, nextKept), x: within(nextX), y: within(nextY) };
          const found = Math.abs(correlation(normalise(cropped(whole.pixels, next)).pixels, part.pixels));
          if (found > best) [best, crop] = [found, next];
        }
      }
    }
  }
  return best;
}

function within(position: number): number {
  return Math.max(0, Math.min(1, position));
}

/** The crops of a picture, which are compared with many others. They are freed with the picture. */
const grids = new WeakMap<NormalisedLook, readonly Float32Array[]>();

function gridOf(whole: NormalisedLook): readonly Float32Array[] {
  const known = grids.get(whole);
  if (known) return known;
  const all = GRID.map((crop) => normalise(cropped(whole.pixels, crop)).pixels);
  grids.set(whole, all);
  return all;
}

/** Resamples a part of a square picture bilinearly to the whole square. */
function cropped(pixels: Float32Array, { kept, x, y }: Crop): Float32Array {
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
