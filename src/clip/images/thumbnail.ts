import type { Thumbnail, ThumbnailBox } from './types.ts';
import { drawSvg, openImage, readPixels, type DecodeOptions, type OpenImage } from './decode.ts';
import { FORMAT_NAMES } from './formats/formats.ts';
import { lightness } from './background.ts';
import { isPixelArt } from './pixelArt.ts';
import type { Raster } from './raster.ts';
import { sharp, type Sharp } from './sharp.ts';
import { inTurn } from './turns.ts';

/** In base64 this is 48 KB: a hover takes data URIs up to 50. */
const STANDARD_BYTES = 36 * 1024;
/** What a picture of a few pixels takes in any case; it would be made smaller for ever. */
const LEAST_BYTES = 1024;
const MOST_SIDE = 2048;
/** Of full scale: darker is hard to see on the dark background of a theme, lighter on the light one. */
const DARK = 0.3;
const LIGHT = 0.85;
const WHITE = '#ffffff';
const NEAR_BLACK = '#1f1f1f';
/** Larger pictures are rarely small enough without loss, and it takes long to find out. */
const MOST_LOSSLESS_PIXELS = 512 * 512;
/** Tried one after the other; then the picture is made smaller. */
const QUALITIES = [82, 65, 45] as const;
const SMALLER = 0.75;

/**
 * A small picture of an image that keeps its proportions. It is never larger than the image, but for pixel art, which is
 * enlarged by whole blocks, and for drawings, which are drawn as large as fits.
 * @throws UserError with a short reason where the image cannot be decoded; the signal's reason when it aborts
 */
export async function makeThumbnail(bytes: Uint8Array, box: ThumbnailBox, options: DecodeOptions): Promise<Thumbnail> {
  const { width, height, bytes: most, background } = boundsOf(box);
  const { image, raster } = await drawInto(bytes, width, height, options);
  const { format, shown } = image;
  const small = await inTurn(
    () =>
      encode(
        raster,
        {
          background: backgroundOf(raster, background),
          factor: blocks(image, raster, width, height),
          most,
          lossless: format !== 'jpeg',
        },
        options,
      ),
    options.limits.milliseconds,
    options.signal,
    options.urgent,
  );
  return { ...small, image: { ...shown, format: FORMAT_NAMES[format], bytes: bytes.length } };
}

type Bounds = ThumbnailBox & { readonly bytes: number };

/** A box as it counts: whole pixels and bytes within what is made. */
export function boundsOf({ width, height, bytes = STANDARD_BYTES, background }: ThumbnailBox): Bounds {
  const pixels = (side: number): number => Math.min(MOST_SIDE, Math.max(1, Math.floor(side)));
  return { width: pixels(width), height: pixels(height), bytes: Math.max(LEAST_BYTES, Math.floor(bytes)), background };
}

/**
 * An image as large as fits into so many pixels; only drawings are enlarged.
 * @throws UserError with a short reason where the image cannot be decoded
 */
export async function drawInto(
  bytes: Uint8Array,
  boxWidth: number,
  boxHeight: number,
  options: DecodeOptions,
): Promise<{ readonly image: OpenImage; readonly raster: Raster }> {
  const image = await openImage(bytes, Math.max(boxWidth, boxHeight), options);
  return { image, raster: await draw(image, boxWidth, boxHeight, options) };
}

function draw(image: OpenImage, boxWidth: number, boxHeight: number, options: DecodeOptions): Promise<Raster> {
  const fits = Math.min(boxWidth / image.width, boxHeight / image.height);
  const scale = image.kind === 'drawing' ? fits : Math.min(1, fits);
  const width = Math.max(1, Math.round(image.width * scale));
  const height = Math.max(1, Math.round(image.height * scale));
  if (image.kind === 'drawing') return drawSvg(image, { width, height }, options);
  const region = { left: 0, top: 0, width, height };
  return readPixels(image, { width, height, region, shrinkOnLoad: true }, options);
}

/** By how much pixel art is enlarged; 1 for all other images. */
function blocks(image: OpenImage, raster: Raster, boxWidth: number, boxHeight: number): number {
  const factor = Math.floor(Math.min(boxWidth / raster.width, boxHeight / raster.height));
  return image.kind !== 'drawing' && factor > 1 && isPixelArt(raster) ? factor : 1;
}

/** The colour to put behind an image that would vanish on the background it is shown on. */
export function backgroundOf(raster: Raster, background: ThumbnailBox['background']): string | undefined {
  if (background === 'any' || raster.channels === 3) return undefined;
  const value = lightness(raster);
  if (background === 'dark') return value < DARK ? WHITE : undefined;
  return value > LIGHT ? NEAR_BLACK : undefined;
}

interface Encoding {
  /** The colour behind it, if any. */
  readonly background: string | undefined;
  /** By how much it is enlarged. */
  readonly factor: number;
  /** Bytes. */
  readonly most: number;
  /** Whether it is worth trying: what was lossy before (JPEG) is rarely small without loss, and it takes long to find out. */
  readonly lossless: boolean;
}

/** WebP within the bytes: without loss where that is small enough, as it is for icons, then ever coarser, then ever smaller. */
async function encode(
  raster: Raster,
  { background, factor, most, lossless: mayBeLossless }: Encoding,
  { limits, signal }: DecodeOptions,
): Promise<Pick<Thumbnail, 'bytes' | 'width' | 'height'>> {
  const seconds = Math.ceil(limits.milliseconds / 1000);
  for (let scale = factor; ; scale *= SMALLER) {
    const width = Math.max(1, Math.round(raster.width * scale));
    const height = Math.max(1, Math.round(raster.height * scale));
    const { data, width: from, height: fromHeight, channels } = raster;
    const source: Sharp = sharp(data, { raw: { width: from, height: fromHeight, channels } });
    const resized = source.resize(width, height, { fit: 'fill', kernel: scale === factor ? 'nearest' : 'lanczos3' });
    const picture = (background === undefined ? resized : resized.flatten({ background })).timeout({ seconds });
    const lossless = mayBeLossless && width * height <= MOST_LOSSLESS_PIXELS ? (['lossless'] as const) : [];
    for (const quality of [...lossless, ...QUALITIES]) {
      signal?.throwIfAborted();
      const options = quality === 'lossless' ? { lossless: true, effort: 2 } : { quality, effort: 3 };
      const bytes = await picture.clone().webp(options).toBuffer();
      if (bytes.length <= most) return { bytes, width, height };
    }
  }
}
