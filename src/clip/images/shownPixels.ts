import { contrastingBackground } from './background.ts';
import { runQueued, secondsOf, type DecodeOptions } from './decoding/decodeOptions.ts';
import { resizingMemory } from './decoding/memory.ts';
import type { NamedBytes } from './formats/imageFormat.ts';
import { decodeIntoBox, largestBlocks, resizeOnBackground } from './shownImage.ts';
import type { ShownBox, ShownPixels } from './types.ts';

/**
 * Reads the pixels of an image as it is shown: in its proportions, as large as it fits into a box. A small image is
 * enlarged by a whole number.
 * @throws UserError with a short reason where the image cannot be decoded; the signal's reason when it aborts
 */
export async function readShownPixels(file: NamedBytes, box: ShownBox, options: DecodeOptions): Promise<ShownPixels> {
  const { raster } = await decodeIntoBox(file, box, options);
  const blocks = largestBlocks(raster, box);
  const [width, height] = [raster.width * blocks, raster.height * blocks];
  const background = contrastingBackground(raster, box.background);
  const data = await runQueued(
    () =>
      resizeOnBackground(raster, { width, height, kernel: 'nearest' }, background)
        .ensureAlpha()
        .timeout({ seconds: secondsOf(options.limits) })
        .raw()
        .toBuffer(),
    resizingMemory(raster, { width, height }),
    options,
  );
  return { data: new Uint8ClampedArray(data), width, height };
}
