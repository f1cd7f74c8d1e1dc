import type { Rgb } from './background.ts';
import type { DecodeOptions } from './decoding/decodeOptions.ts';
import { openImage, type OpenImage } from './decoding/openImage.ts';
import { rasterPipeline } from './decoding/pipeline.ts';
import { drawSvg } from './decoding/drawSvg.ts';
import { readPixels } from './decoding/readPixels.ts';
import type { NamedBytes } from './formats/imageFormat.ts';
import type { Raster } from './raster.ts';
import type { Sharp } from './sharp.ts';
import type { ShownBox } from './types.ts';

const LONGEST_SIDE = 2048;

/** The sides of a box as whole pixels, within the limit of 2048. */
export function clampSides({ width, height }: Pick<ShownBox, 'width' | 'height'>): { width: number; height: number } {
  const clamp = (side: number): number => Math.min(LONGEST_SIDE, Math.max(1, Math.floor(side)));
  return { width: clamp(width), height: clamp(height) };
}

/**
 * Decodes an image as large as it fits into a box, in its proportions. Only drawings are enlarged.
 * @throws UserError with a short reason where the image cannot be decoded; the signal's reason when it aborts
 */
export async function decodeIntoBox(
  file: NamedBytes,
  box: Pick<ShownBox, 'width' | 'height'>,
  options: DecodeOptions,
): Promise<{ readonly image: OpenImage; readonly raster: Raster }> {
  const sides = clampSides(box);
  const image = await openImage(file, Math.max(sides.width, sides.height), options);
  const largest = Math.min(sides.width / image.width, sides.height / image.height);
  const scale = image.kind === 'drawing' ? largest : Math.min(1, largest);
  const width = Math.max(1, Math.round(image.width * scale));
  const height = Math.max(1, Math.round(image.height * scale));
  if (image.kind === 'drawing') return { image, raster: await drawSvg(image, { width, height }, options) };
  const region = { left: 0, top: 0, width, height };
  return { image, raster: await readPixels(image, { width, height, region, shrinkOnLoad: true }, options) };
}

/** The largest whole number by which a raster can be enlarged within a box; at least 1. */
export function largestBlocks(raster: Raster, box: Pick<ShownBox, 'width' | 'height'>): number {
  const { width, height } = clampSides(box);
  return Math.max(1, Math.floor(Math.min(width / raster.width, height / raster.height)));
}

/** A sharp pipeline that resizes a raster to exactly this size, and puts a background behind it if there is one. */
export function resizeOnBackground(
  raster: Raster,
  size: { readonly width: number; readonly height: number; readonly kernel: 'nearest' | 'lanczos3' },
  background: Rgb | undefined,
): Sharp {
  const { width, height, kernel } = size;
  const resized = rasterPipeline(raster).resize(width, height, { fit: 'fill', kernel });
  if (!background) return resized;
  const [r, g, b] = background;
  return resized.flatten({ background: { r, g, b } });
}
