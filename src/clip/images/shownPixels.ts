import type { DecodeOptions } from './decode.ts';
import type { ShownBox, ShownPixels } from './types.ts';
import { sharp } from './sharp.ts';
import { boundsOf, drawInto, backgroundOf } from './thumbnail.ts';
import { inTurn } from './turns.ts';

/**
 * The pixels of an image as it is shown: in its proportions, as large as fits, a small one enlarged by whole blocks.
 * @throws UserError with a short reason where the image cannot be decoded; the signal's reason when it aborts
 */
export async function readShownPixels(bytes: Uint8Array, box: ShownBox, options: DecodeOptions): Promise<ShownPixels> {
  const { width: boxWidth, height: boxHeight } = boundsOf(box);
  const { raster } = await drawInto(bytes, boxWidth, boxHeight, options);
  const blocks = Math.max(1, Math.floor(Math.min(boxWidth / raster.width, boxHeight / raster.height)));
  const [width, height] = [raster.width * blocks, raster.height * blocks];
  const { limits, signal, urgent } = options;
  const data = await inTurn(
    () => {
      const { data: pixels, width: from, height: fromHeight, channels } = raster;
      const enlarged = sharp(pixels, { raw: { width: from, height: fromHeight, channels } }).resize(width, height, {
        fit: 'fill',
        kernel: 'nearest',
      });
      const background = backgroundOf(raster, box.background);
      return (background === undefined ? enlarged : enlarged.flatten({ background }))
        .ensureAlpha()
        .timeout({ seconds: Math.ceil(limits.milliseconds / 1000) })
        .raw()
        .toBuffer();
    },
    limits.milliseconds,
    signal,
    urgent,
  );
  return { data: new Uint8ClampedArray(data), width, height };
}
