import { contrastingBackground } from './background.ts';
import { runQueued, secondsOf, type DecodeOptions } from './decoding/decodeOptions.ts';
import { encodingMemory } from './decoding/memory.ts';
import { rasterPipeline } from './decoding/pipeline.ts';
import type { NamedBytes } from './formats/imageFormat.ts';
import { withoutMargins } from './margins.ts';
import { isPixelArt } from './pixelArt.ts';
import { clampSides, decodeIntoBox, largestBlocks } from './shownImage.ts';
import type { Thumbnail, ThumbnailBox } from './types.ts';

/** The image is decoded larger than the icon, because the content without its margins fills the icon. */
const OVERSIZE = 3;

/**
 * Makes an icon: the image without its transparent margins, as large as it fits into the box, and centred in it. Small
 * images are enlarged, pixel art by a whole number.
 * @throws as makeThumbnail
 */
export async function makeIcon(file: NamedBytes, box: ThumbnailBox, options: DecodeOptions): Promise<Thumbnail> {
  const { width, height } = clampSides(box);
  const { image, raster } = await decodeIntoBox(file, { width: width * OVERSIZE, height: height * OVERSIZE }, options);
  const content = withoutMargins(raster);
  const background = contrastingBackground(raster, box.background);
  const blocks = image.kind !== 'drawing' && isPixelArt(content) ? largestBlocks(content, { width, height }) : 1;
  const encode = async (): Promise<Uint8Array> => {
    const whole = rasterPipeline(content);
    const sized =
      blocks > 1
        ? whole.resize(content.width * blocks, content.height * blocks, { fit: 'fill', kernel: 'nearest' })
        : whole.resize(width, height, { fit: 'inside', kernel: 'lanczos3' });
    const { data, info } = await sized
      .ensureAlpha()
      .timeout({ seconds: secondsOf(options.limits) })
      .raw()
      .toBuffer({ resolveWithObject: true });
    const left = Math.floor((width - info.width) / 2);
    const top = Math.floor((height - info.height) / 2);
    const [r, g, b] = background ?? [0, 0, 0];
    const behind = { r, g, b, alpha: background ? 1 : 0 };
    const picture = rasterPipeline({ data, width: info.width, height: info.height, channels: 4 });
    const centred = (background ? picture.flatten({ background: behind }) : picture).extend({
      ...{ left, top, right: width - info.width - left, bottom: height - info.height - top },
      background: behind,
    });
    return centred
      .timeout({ seconds: secondsOf(options.limits) })
      .webp({ lossless: true, effort: 2 })
      .toBuffer();
  };
  const bytes = await runQueued(encode, encodingMemory({ width, height }), options);
  const { format, shown } = image;
  return { bytes, width, height, image: { ...shown, format: format.name, bytes: file.bytes.length } };
}
