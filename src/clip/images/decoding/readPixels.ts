import type { Raster } from '../raster.ts';
import type { Sharp } from '../sharp.ts';
import { decodeError } from './decodeError.ts';
import { runQueued, type DecodeOptions } from './decodeOptions.ts';
import { encodedMemory, pixelHeader, rasterMemory } from './memory.ts';
import type { OpenImage, OpenPixels } from './openImage.ts';
import { rasterPipeline, render } from './pipeline.ts';
import { openedPipeline, renderEncoded } from './renderEncoded.ts';

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
    const decode = async (): Promise<Raster> => renderEncoded(image, fit(await openedPipeline(image)), options.limits);
    return decodeQueued(image, decode, memory, options);
  }
  // Decoding starts in the queue, so that few rasters are in memory as a whole.
  const decode = async (): Promise<Raster> => {
    const raster = await image.decode();
    return isWhole && !isReduced ? raster : render(fit(rasterPipeline(raster)), options.limits);
  };
  return decodeQueued(image, decode, memory, options);
}

/** Runs a decoder in the queue. @throws UserError with a short reason where it fails */
export async function decodeQueued(
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
