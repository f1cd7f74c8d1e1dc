import type { ImageInput } from '../base/manifest.ts';
import type { Raster } from './raster.ts';
import type { ThumbnailBox } from './types.ts';

export type Rgb = readonly [red: number, green: number, blue: number];

const WHITE: Rgb = [255, 255, 255];
/** 0.12 of full scale. */
const NEAR_BLACK: Rgb = [31, 31, 31];
/** Lightness, 0 to 1, above which an image is invisible on white. */
const NEARLY_WHITE = 0.85;
/** Lightness, 0 to 1, below which an image is hard to see on the background of a dark theme. */
const DARK = 0.3;
/** Luma of red, green and blue that the bundled model was trained with. */
const LUMA = [0.3, 0.59, 0.11] as const;

/**
 * The colour behind an image for the encoder: the colour in the manifest, or for `contrast` white, unless the visible
 * part of the image is nearly white itself.
 */
export function encoderBackground(raster: Raster, background: ImageInput['background']): Rgb {
  if (background !== 'contrast') return background;
  return lightness(raster) > NEARLY_WHITE ? NEAR_BLACK : WHITE;
}

/** The colour behind an image that would be invisible on a light or dark theme; undefined where it needs none. */
export function contrastingBackground(raster: Raster, theme: ThumbnailBox['background']): Rgb | undefined {
  if (theme === 'any' || raster.channels === 3) return undefined;
  const value = lightness(raster);
  if (theme === 'dark') return value < DARK ? WHITE : undefined;
  return value > NEARLY_WHITE ? NEAR_BLACK : undefined;
}

/** Mean luma, 0 to 1, of the pixels weighted by their opacity; 0 where nothing is visible. */
function lightness({ data, channels }: Raster): number {
  let sum = 0;
  let visible = 0;
  for (let at = 0; at < data.length; at += channels) {
    const alpha = channels === 4 ? (data[at + 3] ?? 0) : 255;
    if (alpha === 0) continue;
    const luma = LUMA[0] * (data[at] ?? 0) + LUMA[1] * (data[at + 1] ?? 0) + LUMA[2] * (data[at + 2] ?? 0);
    sum += luma * alpha;
    visible += alpha;
  }
  return visible === 0 ? 0 : sum / visible / 255;
}

/** Composes an image over an opaque colour. @returns [height, width, 3] */
export function flatten({ data, channels }: Raster, [red, green, blue]: Rgb): Uint8Array {
  if (channels === 3) return data;
  const rgb = new Uint8Array((data.length / 4) * 3);
  const isGrey = red === green && green === blue;
  if (isGrey) rgb.fill(red);
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
    const alpha = data[from + 3] ?? 0;
    // Most pixels of an icon are transparent or opaque.
    if (alpha === 0) {
      if (isGrey) continue;
      rgb[to] = red;
      rgb[to + 1] = green;
      rgb[to + 2] = blue;
      continue;
    }
    if (alpha === 255) {
      rgb[to] = data[from] ?? 0;
      rgb[to + 1] = data[from + 1] ?? 0;
      rgb[to + 2] = data[from + 2] ?? 0;
      continue;
    }
    const rest = 255 - alpha;
    // The fraction of n / 255 is never one half, so adding 127 rounds to the nearest integer.
    rgb[to] = ((data[from] ?? 0) * alpha + red * rest + 127) / 255;
    rgb[to + 1] = ((data[from + 1] ?? 0) * alpha + green * rest + 127) / 255;
    rgb[to + 2] = ((data[from + 2] ?? 0) * alpha + blue * rest + 127) / 255;
  }
  return rgb;
}
