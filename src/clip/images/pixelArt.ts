import type { Raster } from './raster.ts';

/** As many colours as a palette of an old console or a careful drawing by hand has; smoothed edges make more. */
const MOST_COLOURS = 32;

/**
 * Whether a small image is drawn pixel by pixel: few colours, and each pixel either there or not. Such pictures are enlarged
 * without smoothing, as their authors show them.
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
    if (colours.size > MOST_COLOURS) return false;
  }
  // A few pixels of as many colours are no drawing.
  return visible > 0 && colours.size <= visible / 4;
}

/** [height, width, 3] as [toHeight, toWidth, 3], each pixel as large as every other up to one row or column. */
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
