import type { ImageInput } from '../base/manifest.ts';
import type { Raster } from './raster.ts';

export type Rgb = readonly [red: number, green: number, blue: number];

const WHITE: Rgb = [255, 255, 255];
/** 0.12 of full scale. */
const NEAR_BLACK: Rgb = [31, 31, 31];
/** Of full scale: lighter than this is nearly white, and would vanish on white. */
const NEARLY_WHITE = 0.85;
/** Luma of red, green and blue as the bundled model was trained with. */
const LUMA = [0.3, 0.59, 0.11] as const;

/** The colour behind an image: the manifest's, or for `contrast` white unless what is visible of the image is nearly white itself. */
export function backgroundOf(raster: Raster, background: ImageInput['background']): Rgb {
  if (background !== 'contrast') return background;
  return lightness(raster) > NEARLY_WHITE ? NEAR_BLACK : WHITE;
}

/** Mean luma, 0 to 1, each pixel counting as much as it is opaque; 0 where nothing is visible. */
export function lightness({ data, channels }: Raster): number {
  let sum = 0;
  let visible = 0;
  for (let at = 0; at < data.length; at += channels) {
    const alpha = channels === 4 ? (data[at + 3] ?? 0) : 255;
    const luma = LUMA[0] * (data[at] ?? 0) + LUMA[1] * (data[at + 1] ?? 0) + LUMA[2] * (data[at + 2] ?? 0);
    sum += luma * alpha;
    visible += alpha;
  }
  return visible === 0 ? 0 : sum / visible / 255;
}

/** The image over an opaque colour: [height, width, 3]. */
export function flatten({ data, channels }: Raster, [red, green, blue]: Rgb): Uint8Array {
  if (channels === 3) return data;
  const rgb = new Uint8Array((data.length / 4) * 3);
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
    const alpha = data[from + 3] ?? 0;
    const rest = 255 - alpha;
    // Whole numbers over 255 never lie halfway, so that adding 127 rounds them.
    rgb[to] = ((data[from] ?? 0) * alpha + red * rest + 127) / 255;
    rgb[to + 1] = ((data[from + 1] ?? 0) * alpha + green * rest + 127) / 255;
    rgb[to + 2] = ((data[from + 2] ?? 0) * alpha + blue * rest + 127) / 255;
  }
  return rgb;
}
