import { UserError } from '../../base/userError.ts';
import { badImage } from './badImage.ts';
import { bitmapHeader, decodeBitmap } from './formats/bitmap.ts';
import { describeContent, sniffFormat, type ImageFormat } from './formats/formats.ts';
import { bestIconEntry, decodeIconBitmap, readIconEntries } from './formats/icon.ts';
import { checkBitmapPixels, checkBytes, checkPixels, type DecodeLimits } from './limits.ts';
import type { Raster } from './raster.ts';
import { sharp, type Sharp, type SharpOptions } from './sharp.ts';
import { gunzipSvg, svgDocument, type SvgDocument } from './formats/svg.ts';
import { inTurn } from './turns.ts';

export interface DecodeOptions {
  readonly limits: DecodeLimits;
  readonly signal?: AbortSignal | undefined;
  /** See inTurn. */
  readonly urgent?: boolean | undefined;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Width and height are of the pixels that will be read, after EXIF orientation. */
interface Opened extends Size {
  readonly format: Exclude<ImageFormat, 'svgz'>;
  /** As people know the image: of an icon file the largest of its pictures, also where a smaller one is read. */
  readonly shown: Size;
}

/** An image whose header has been read and found within the limits, before its pixels are. */
export type OpenImage =
  | (Opened & { readonly kind: 'encoded'; readonly bytes: Uint8Array })
  | (Opened & { readonly kind: 'bitmap'; readonly bytes: Uint8Array; readonly decode: (bytes: Uint8Array) => Raster })
  | (Opened & { readonly kind: 'drawing'; readonly document: SvgDocument });

export interface Region {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** What is wanted of an image made of pixels. */
export interface View {
  /** Pixels that the whole image is reduced to; on neither side more than it has. */
  readonly width: number;
  readonly height: number;
  /** The part of the reduced image to return. */
  readonly region: Region;
  /** Whether the decoder may shrink what it decodes: much quicker for large photographs, but not quite what Pillow does. */
  readonly shrinkOnLoad: boolean;
  /** Default: cubic. */
  readonly kernel?: 'cubic' | 'linear';
}

/** A truncated image is an error: half a picture gets the wrong tags. */
const FAIL_ON = 'truncated';

/**
 * Tells the format by the content and reads the header; `size` chooses among the pictures of an icon file.
 * @throws UserError with a short reason where this is no image that is read, it is damaged, or beyond the limits.
 */
export async function openImage(bytes: Uint8Array, size: number, options: DecodeOptions): Promise<OpenImage> {
  options.signal?.throwIfAborted();
  const { limits } = options;
  if (bytes.length === 0) throw new UserError('empty file');
  checkBytes(bytes.length, limits);
  const format = sniffFormat(bytes);
  if (!format) throw new UserError(`not an image that AssetLens reads (found: ${describeContent(bytes)})`);
  const opened = await openFormat(format, bytes, size, options).catch((error: unknown) => {
    throw options.signal?.aborted ? error : badImage(error, format, bytes, limits.milliseconds);
  });
  return opened;
}

async function openFormat(
  format: ImageFormat,
  bytes: Uint8Array,
  size: number,
  options: DecodeOptions,
): Promise<OpenImage> {
  const { limits } = options;
  switch (format) {
    case 'svgz':
      return openDrawing(await gunzipSvg(bytes, limits.bytes), options);
    case 'svg':
      return openDrawing(bytes, options);
    case 'bmp': {
      const { width, height } = bitmapHeader(bytes);
      checkBitmapPixels(width, height, limits);
      return { kind: 'bitmap', format, width, height, shown: { width, height }, bytes, decode: decodeBitmap };
    }
    case 'ico':
      return openIcon(bytes, size, options);
    case 'png':
    case 'jpeg':
    case 'gif':
    case 'webp':
    case 'avif':
    case 'tiff':
      return openEncoded(format, bytes, options);
  }
}

async function openEncoded(format: Opened['format'], bytes: Uint8Array, options: DecodeOptions): Promise<OpenImage> {
  const open = (): Promise<{ autoOrient: Size }> => pipeline(bytes, {}).metadata();
  const { autoOrient } = await inTurn(open, options.limits.milliseconds, options.signal, options.urgent);
  const { width, height } = autoOrient;
  checkPixels(width, height, options.limits);
  return { kind: 'encoded', format, width, height, shown: { width, height }, bytes };
}

async function openIcon(bytes: Uint8Array, size: number, options: DecodeOptions): Promise<OpenImage> {
  const entries = readIconEntries(bytes);
  const entry = bestIconEntry(entries, size);
  const { width, height } = entry;
  const largest = bestIconEntry(entries, Infinity);
  const shown = { width: largest.width, height: largest.height };
  if (entry.kind === 'png') return { ...(await openEncoded('ico', entry.bytes, options)), shown };
  checkBitmapPixels(width, height, options.limits);
  return { kind: 'bitmap', format: 'ico', width, height, shown, bytes: entry.bytes, decode: decodeIconBitmap };
}

async function openDrawing(bytes: Uint8Array, options: DecodeOptions): Promise<OpenImage> {
  const document = svgDocument(bytes);
  const open = (): Promise<Size> => drawing(document).metadata();
  const { width, height } = await inTurn(open, options.limits.milliseconds, options.signal, options.urgent);
  const pixels = (length: number): number => Math.max(1, Math.round(length / document.scale));
  const shown = { width: pixels(width), height: pixels(height) };
  return { kind: 'drawing', format: 'svg', ...shown, shown, document };
}

/**
 * Decodes and reduces in one pass, off this thread, so that a large photograph is never held whole.
 * @throws UserError with a short reason where the image is damaged or takes longer than the limit.
 */
export async function readPixels(
  image: Exclude<OpenImage, { kind: 'drawing' }>,
  view: View,
  options: DecodeOptions,
): Promise<Raster> {
  const { width, height, region, shrinkOnLoad, kernel = 'cubic' } = view;
  const whole = region.width === width && region.height === height;
  const reduced = width !== image.width || height !== image.height;
  const fit = (source: Sharp): Sharp => {
    // Told so last, sharp turns the image upright when it is small already; what is cut without being reduced is turned before.
    const pixels = reduced
      ? source.resize({ width, height, fit: 'fill', kernel, fastShrinkOnLoad: shrinkOnLoad })
      : source.autoOrient();
    return (whole ? pixels : pixels.extract(region)).autoOrient();
  };
  if (image.kind === 'encoded') return run(image, () => render(fit(pipeline(image.bytes, {})), options), options);
  // Decoded when it is its turn, so that few bitmaps are in memory as a whole.
  const decode = async (): Promise<Raster> => {
    const raster = image.decode(image.bytes);
    return whole && !reduced ? raster : render(fit(fromRaster(raster)), options);
  };
  return run(image, decode, options);
}

/**
 * Draws an SVG at the size wanted: on one side, keeping its proportions, or on both.
 * @throws UserError with a short reason where it is damaged, expands without end, or takes longer than the limit.
 */
export async function drawSvg(
  image: Extract<OpenImage, { kind: 'drawing' }>,
  size: { readonly width?: number; readonly height?: number },
  options: DecodeOptions,
): Promise<Raster> {
  const fit = size.width !== undefined && size.height !== undefined ? 'fill' : 'inside';
  const drawn = drawing(image.document).resize({ ...size, fit, kernel: 'cubic' });
  return run(image, () => render(drawn, options), options);
}

async function run(image: OpenImage, work: () => Promise<Raster>, options: DecodeOptions): Promise<Raster> {
  const { limits, signal, urgent } = options;
  try {
    return await inTurn(work, limits.milliseconds, signal, urgent);
  } catch (error) {
    const { bytes } = image.kind === 'drawing' ? image.document : image;
    throw signal?.aborted ? error : badImage(error, image.format, bytes, limits.milliseconds);
  }
}

async function render(pixels: Sharp, { limits }: DecodeOptions): Promise<Raster> {
  const { data, info } = await pixels
    .toColourspace('srgb')
    .timeout({ seconds: Math.ceil(limits.milliseconds / 1000) })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  if (channels !== 3 && channels !== 4) throw new Error(`sharp gave ${channels} channels of colour and alpha`);
  return { data, width, height, channels };
}

function pipeline(bytes: Uint8Array, options: SharpOptions): Sharp {
  // The pixels have their own limit here, with words for people.
  return sharp(bytes, { failOn: FAIL_ON, limitInputPixels: false, ...options });
}

function drawing({ bytes, density }: SvgDocument): Sharp {
  return pipeline(bytes, { density });
}

function fromRaster({ data, width, height, channels }: Raster): Sharp {
  return pipeline(data, { raw: { width, height, channels } });
}
