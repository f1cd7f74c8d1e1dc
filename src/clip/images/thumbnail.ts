import { contrastingBackground, type Rgb } from './background.ts';
import { runQueued, secondsOf, type DecodeOptions } from './decoding/decodeOptions.ts';
import { encodingMemory } from './decoding/memory.ts';
import type { NamedBytes } from './formats/imageFormat.ts';
import { isPixelArt } from './pixelArt.ts';
import type { Raster } from './raster.ts';
import { clampSides, decodeIntoBox, largestBlocks, resizeOnBackground } from './shownImage.ts';
import type { Thumbnail, ThumbnailBox } from './types.ts';

/** 48 KB in base64: a hover accepts data URIs of up to 50 KB. */
const DEFAULT_BYTES = 36 * 1024;
/** Minimum limit: even a picture of a few pixels needs this many bytes. */
const MINIMUM_BYTES = 1024;
/** Larger pictures are rarely small enough without loss, and trying takes long. */
const MAXIMUM_LOSSLESS_PIXELS = 512 * 512;
/** Qualities to try before the picture is made smaller. */
const QUALITIES = [82, 65, 45] as const;
const SHRINK_FACTOR = 0.75;

/**
 * Makes a thumbnail that keeps the proportions of the image. It is never larger than the image, except for pixel art,
 * which is enlarged by a whole number, and for drawings, which fill the box.
 * @throws UserError with a short reason where the image cannot be decoded; the signal's reason when it aborts
 */
export async function makeThumbnail(file: NamedBytes, box: ThumbnailBox, options: DecodeOptions): Promise<Thumbnail> {
  const clamped = clampBox(box);
  const { image, raster } = await decodeIntoBox(file, clamped, options);
  const { format, shown } = image;
  const blocks = image.kind === 'drawing' ? 1 : largestBlocks(raster, clamped);
  const encoding: Encoding = {
    background: contrastingBackground(raster, clamped.background),
    scale: blocks > 1 && isPixelArt(raster) ? blocks : 1,
    maximumBytes: clamped.bytes,
    // An image that was compressed with loss before is rarely small without loss.
    tryLossless: !format.isPhotographic,
  };
  const enlarged = { width: raster.width * encoding.scale, height: raster.height * encoding.scale };
  const encoded = await runQueued(() => encode(raster, encoding, options), encodingMemory(enlarged), options);
  return { ...encoded, image: { ...shown, format: format.name, bytes: file.bytes.length } };
}

/** A box with all defaults, within the limits: whole pixels and bytes. */
export function clampBox(box: ThumbnailBox): ThumbnailBox & { readonly bytes: number } {
  const { bytes = DEFAULT_BYTES, background, margins } = box;
  return { ...clampSides(box), bytes: Math.max(MINIMUM_BYTES, Math.floor(bytes)), background, margins };
}

interface Encoding {
  readonly background: Rgb | undefined;
  readonly scale: number;
  readonly maximumBytes: number;
  readonly tryLossless: boolean;
}

/** Encodes WebP within the maximum bytes: without loss if possible, as for most icons, then coarser, then smaller. */
async function encode(
  raster: Raster,
  { background, scale: firstScale, maximumBytes, tryLossless }: Encoding,
  { limits, signal }: DecodeOptions,
): Promise<Pick<Thumbnail, 'bytes' | 'width' | 'height'>> {
  for (let scale = firstScale; ; scale *= SHRINK_FACTOR) {
    const width = Math.max(1, Math.round(raster.width * scale));
    const height = Math.max(1, Math.round(raster.height * scale));
    const kernel = scale === firstScale ? 'nearest' : 'lanczos3';
    const resized = resizeOnBackground(raster, { width, height, kernel }, background);
    const picture = resized.timeout({ seconds: secondsOf(limits) });
    const lossless = tryLossless && width * height <= MAXIMUM_LOSSLESS_PIXELS ? (['lossless'] as const) : [];
    for (const quality of [...lossless, ...QUALITIES]) {
      signal?.throwIfAborted();
      const webp = quality === 'lossless' ? { lossless: true, effort: 2 } : { quality, effort: 3 };
      const bytes = await picture.clone().webp(webp).toBuffer();
      if (bytes.length <= maximumBytes) return { bytes, width, height };
    }
  }
}
