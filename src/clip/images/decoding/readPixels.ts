import type { Raster } from '../raster.ts';
import type { Sharp } from '../sharp.ts';
import { decodeError } from './decodeError.ts';
import { runQueued, secondsOf, type DecodeOptions } from './decodeOptions.ts';
import { bytesOfMeasurements, measuredSpace } from './measurements.ts';
import { drawingMemory, encodedMemory, pixelHeader, rasterMemory } from './memory.ts';
import { openedPipeline, type OpenDrawing, type OpenEncoded, type OpenImage, type OpenPixels } from './openImage.ts';
import { pipeline } from './pipeline.ts';

export interface Region {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The size and the part of an image to decode. */
export interface View {
  /** Pixels that the whole image is reduced to; on neither side more than the image has. */
  readonly width: number;
  readonly height: number;
  /** The part of the reduced image to return. */
  readonly region: Region;
  /**
   * Whether the decoder may reduce while it decodes. That is much faster for large photographs, but differs from
   * Pillow. The decoder reduces in any case if the whole image needs more memory than the budget.
   */
  readonly shrinkOnLoad: boolean;
  /** Default: cubic. */
  readonly kernel?: 'cubic' | 'linear';
}

/**
 * Decodes and reduces an image in one pass on a thread of sharp, so that a large photograph is never in memory as a
 * whole.
 * @throws UserError with a short reason where the image is damaged or takes longer than the limit
 */
export function readPixels(image: OpenPixels, view: View, options: DecodeOptions): Promise<Raster> {
  const { width, height, region, kernel = 'cubic' } = view;
  const memoryOf = (reduces: boolean): number =>
    image.kind === 'raster'
      ? image.wholeBytes + rasterMemory(image, image.file, view)
      : encodedMemory(image, pixelHeader(image.metadata), view, reduces);
  const shrinkOnLoad = view.shrinkOnLoad || memoryOf(false) > options.queue.bytes;
  const memory = memoryOf(shrinkOnLoad);
  const isWhole = region.width === width && region.height === height;
  const isReduced = width !== image.width || height !== image.height;
  const fit = (source: Sharp): Sharp => {
    // With autoOrient() last, sharp reduces first and orients the small result. A part that is cut without being
    // reduced has to be oriented before.
    const pixels = isReduced
      ? source.resize({ width, height, fit: 'fill', kernel, fastShrinkOnLoad: shrinkOnLoad })
      : source.autoOrient();
    return (isWhole ? pixels : pixels.extract(region)).autoOrient();
  };
  if (image.kind === 'encoded') {
    return decodeQueued(image, () => renderEncoded(image, fit(openedPipeline(image)), options), memory, options);
  }
  // Decoding starts in the queue, so that few rasters are in memory as a whole.
  const decode = async (): Promise<Raster> => {
    const raster = await image.decode();
    return isWhole && !isReduced ? raster : render(fit(rasterPipeline(raster)), options);
  };
  return decodeQueued(image, decode, memory, options);
}

/**
 * Draws an SVG at a size: on one side, which keeps the proportions, or on both.
 * @throws UserError with a short reason where the drawing is damaged, expands without limit, or takes longer than the
 * limit
 */
export function drawSvg(
  image: OpenDrawing,
  size: { readonly width?: number; readonly height?: number },
  options: DecodeOptions,
): Promise<Raster> {
  const { bytes, density } = image.document;
  const fit = size.width !== undefined && size.height !== undefined ? 'fill' : 'inside';
  const drawn = pipeline(bytes, { density }).resize({ ...size, fit, kernel: 'cubic' });
  const width = size.width ?? ((size.height ?? image.height) * image.width) / image.height;
  const height = size.height ?? (width * image.height) / image.width;
  const memory = drawingMemory(image.needs, bytes, { width, height });
  return decodeQueued(image, () => render(drawn, options), memory, options);
}

/** A sharp pipeline over decoded pixels. */
export function rasterPipeline({ data, width, height, channels }: Raster): Sharp {
  return pipeline(data, { raw: { width, height, channels } });
}

async function decodeQueued(
  image: OpenImage,
  work: () => Promise<Raster>,
  memory: number,
  options: DecodeOptions,
): Promise<Raster> {
  try {
    return await runQueued(work, memory, options);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw decodeError(error, image.format, image.file, options.limits.milliseconds);
  }
}

async function renderEncoded(
  { metadata, onWhite }: OpenEncoded,
  pixels: Sharp,
  options: DecodeOptions,
): Promise<Raster> {
  const space = measuredSpace(metadata);
  if (space === null) {
    const raster = await render(pixels, options);
    return onWhite ? withoutWhite(raster) : raster;
  }
  const { data, info } = await pixels
    .toColourspace(space)
    .timeout({ seconds: secondsOf(options.limits) })
    .raw({ depth: 'float' })
    .toBuffer({ resolveWithObject: true });
  return bytesOfMeasurements(new Float32Array(data.buffer, data.byteOffset, data.length / 4), info);
}

/** Removes the white that transparent pixels are mixed with. */
function withoutWhite(raster: Raster): Raster {
  if (raster.channels === 3) return raster;
  const data = raster.data.slice();
  for (let at = 0; at < data.length; at += 4) {
    const alpha = data[at + 3] ?? 0;
    if (alpha === 0 || alpha === 255) continue;
    for (let c = at; c < at + 3; c++) data[c] = Math.max(0, Math.round(255 - ((255 - (data[c] ?? 0)) * 255) / alpha));
  }
  return { ...raster, data };
}

async function render(pixels: Sharp, { limits }: DecodeOptions): Promise<Raster> {
  const { data, info } = await pixels
    .toColourspace('srgb')
    .timeout({ seconds: secondsOf(limits) })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  if (channels !== 3 && channels !== 4) throw new Error(`sharp returned ${channels} channels of colour and alpha`);
  return { data, width, height, channels };
}
