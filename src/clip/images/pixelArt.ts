import type { Raster } from './raster.ts';

/** The size of a palette of an old console or of a careful drawing. Smoothed edges have more colours. */
const MAXIMUM_COLOURS = 32;

/**
 * Whether a small image is drawn pixel by pixel: it has few colours, and each pixel is opaque or transparent. Such
 * images are enlarged without smoothing, as their authors show them.
 */
export function isPixelArt({ data, channels }: Raster): boolean {
  const colours = new Set<number>();
  let visible = 0;
  for (let at = 0; at < data.length; at += channels) {
    const alpha = channels === 4 ? (data[at + 3] ?? 0) : 255;
    if (alpha === 0) continue;
    if (alpha !== 255) return false;
    visible++;
    colours.add(((data[at] ?? 0) << 16) | ((data[at + 1] ?? 0) << 8) | (data[at + 2] ?? 0));
    if (colours.size > MAXIMUM_COLOURS) return false;
  }
  // An image of a few pixels that all differ in colour is not a drawing.
  return visible > 0 && colours.size <= visible / 4;
}

/**
 * Enlarges [height, width, 3] to [toHeight, toWidth, 3] without smoothing. The blocks of all pixels are equally large
 * up to one row or column.
 */
export function enlargeBlocks(
  rgb: Uint8Array,
  width: number,
  height: number,
  toWidth: number,
  toHeight: number,
): Uint8Array {
  const result = new Uint8Array(toWidth * toHeight * 3);
  for (let y = 0, to = 0; y < toHeight; y++) {
    const row = Math.floor(((y + 0.5) * height) / toHeight) * width;
    for (let x = 0; x < toWidth; x++) {
      const from = 3 * (row + Math.floor(((x + 0.5) * width) / toWidth));
      result[to++] = rgb[from] ?? 0;
      result[to++] = rgb[from + 1] ?? 0;
      result[to++] = rgb[from + 2] ?? 0;
    }
  }
  return result;
}
