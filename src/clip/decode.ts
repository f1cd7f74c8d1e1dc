import { HumanError } from './humanError.ts';
import { badImage } from './pixels/badImage.ts';
import { bitmapSize, decodeBitmap } from './pixels/bitmap.ts';
import { describeContent, sniffFormat, type ImageFormat } from './pixels/formats.ts';
import { bestIconEntry, decodeIconBitmap, readIconEntries } from './pixels/icon.ts';
import type { Raster } from './pixels/raster.ts';
import { sharp, type Sharp, type SharpOptions } from './pixels/sharp.ts';
import { gunzipSvg, svgDocument, type SvgDocument } from './pixels/svg.ts';
import { inTurn } from './pixels/turns.ts';

export interface DecodeLimits {
  /** Most pixels of an image; a drawing has none until it is drawn. */
  readonly pixels: number;
  /** Most encoded bytes. */
  readonly bytes: number;
  /** Longest that sharp works at an image. */
  readonly milliseconds: number;
}

export const DECODE_LIMITS: DecodeLimits = { pixels: 100_000_000, bytes: 64 * 2 ** 20, milliseconds: 10_000 };

export interface DecodeOptions {
  readonly limits: DecodeLimits;
  readonly signal?: AbortSignal | undefined;
}

interface Opened {
  readonly format: Exclude<ImageFormat, 'svgz'>;
  /** Pixels as shown, after EXIF orientation; of an icon file, those of the picture chosen from it. */
  readonly width: number;
  readonly height: number;
}

/** An image whose header has been read and found within the limits, before its pixels are. */
export type OpenImage =
  | (Opened & { readonly kind: 'encoded'; readonly bytes: Uint8Array })
  | (Opened & { readonly kind: 'raster'; readonly raster: Raster })
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
  /** `bicubic` as Pillow reduces; `area`, which a decoder may shorten. */
  readonly filter: 'bicubic' | 'area';
}

/** A truncated image is an error: half a picture gets the wrong tags. */
const FAIL_ON = 'truncated';

/**
 * Tells the format by the content and reads the header; `size` chooses among the pictures of an icon file.
 * @throws HumanError with a short reason where this is no image that is read, it is damaged, or beyond the limits.
 */
export async function openImage(bytes: Uint8Array, size: number, options: DecodeOptions): Promise<OpenImage> {
  options.signal?.throwIfAborted();
  const { limits } = options;
  if (bytes.length === 0) throw new HumanError('empty file');
  if (bytes.length > limits.bytes) {
    throw new HumanError(`${megabytes(bytes.length)} is over the limit of ${megabytes(limits.bytes)}`);
  }
  const format = sniffFormat(bytes);
  if (!format) throw new HumanError(`not an image that AssetLens reads (found: ${describeContent(bytes)})`);
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
      const { width, height } = bitmapSize(bytes);
      checkPixels(width, height, limits);
      return { kind: 'raster', format, width, height, raster: decodeBitmap(bytes) };
    }
    case 'ico':
      return openIcon(bytes, size, options);
    default:
      return openEncoded(format, bytes, options);
  }
}

async function openEncoded(format: Opened['format'], bytes: Uint8Array, options: DecodeOptions): Promise<OpenImage> {
  const open = (): Promise<{ autoOrient: { width: number; height: number } }> => pipeline(bytes, {}).metadata();
  const { autoOrient } = await inTurn(open, patience(options), options.signal);
  checkPixels(autoOrient.width, autoOrient.height, options.limits);
  return { kind: 'encoded', format, width: autoOrient.width, height: autoOrient.height, bytes };
}

async function openIcon(bytes: Uint8Array, size: number, options: DecodeOptions): Promise<OpenImage> {
  const entry = bestIconEntry(readIconEntries(bytes), size);
  if (!entry) throw new HumanError('ICO without a picture');
  const { width, height } = entry;
  checkPixels(width, height, options.limits);
  if (entry.kind === 'png') return openEncoded('ico', entry.bytes, options);
  return { kind: 'raster', format: 'ico', width, height, raster: decodeIconBitmap(entry.bytes) };
}

async function openDrawing(bytes: Uint8Array, options: DecodeOptions): Promise<OpenImage> {
  const document = svgDocument(bytes);
  const open = (): Promise<{ width: number; height: number }> => drawing(document).metadata();
  const { width, height } = await inTurn(open, patience(options), options.signal);
  const shown = (length: number): number => Math.max(1, Math.round(length / document.scale));
  return { kind: 'drawing', format: 'svg', width: shown(width), height: shown(height), document };
}

/**
 * Decodes and reduces in one pass, off this thread, so that a large photograph is never held whole.
 * @throws HumanError with a short reason where the image is damaged or takes longer than the limit.
 */
export async function readPixels(
  image: Exclude<OpenImage, { kind: 'drawing' }>,
  view: View,
  options: DecodeOptions,
): Promise<Raster> {
  const { width, height, region, filter } = view;
  const whole = region.width === width && region.height === height;
  const reduced = width !== image.width || height !== image.height;
  if (image.kind === 'raster' && whole && !reduced) return image.raster;
  let pixels = image.kind === 'encoded' ? pipeline(image.bytes, {}) : fromRaster(image.raster);
  // sharp turns the image upright after reducing it if told so last; before, if it is not reduced but cut.
  if (!reduced) pixels = pixels.autoOrient();
  if (reduced) {
    const kernel = filter === 'bicubic' ? 'cubic' : 'linear';
    // Shrinking while decoding is quick and smooth, and not what Pillow does.
    pixels = pixels.resize({ width, height, fit: 'fill', kernel, fastShrinkOnLoad: filter === 'area' });
  }
  if (!whole) pixels = pixels.extract(region);
  return run(image, pixels.autoOrient(), options);
}

/**
 * Draws an SVG at the size wanted: on one side, keeping its proportions, or on both.
 * @throws HumanError with a short reason where it is damaged, expands without end, or takes longer than the limit.
 */
export async function drawSvg(
  image: Extract<OpenImage, { kind: 'drawing' }>,
  size: { readonly width?: number; readonly height?: number },
  options: DecodeOptions,
): Promise<Raster> {
  return run(image, drawing(image.document).resize({ ...size, fit: 'fill', kernel: 'cubic' }), options);
}

async function run(image: OpenImage, pixels: Sharp, options: DecodeOptions): Promise<Raster> {
  const { limits, signal } = options;
  const output = pixels
    .toColourspace('srgb')
    .timeout({ seconds: Math.ceil(limits.milliseconds / 1000) })
    .raw();
  try {
    const { data, info } = await inTurn(() => output.toBuffer({ resolveWithObject: true }), patience(options), signal);
    const { width, height, channels } = info;
    if (channels !== 3 && channels !== 4) throw new Error(`sharp gave ${channels} channels for ${image.format}`);
    return { data, width, height, channels };
  } catch (error) {
    const bytes = image.kind === 'encoded' ? image.bytes : new Uint8Array();
    throw signal?.aborted ? error : badImage(error, image.format, bytes, limits.milliseconds);
  }
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

/** sharp's own clock stops what it can; this one gives up on what it cannot, a little later. */
function patience({ limits }: DecodeOptions): number {
  return limits.milliseconds * 1.5;
}

function checkPixels(width: number, height: number, { pixels }: DecodeLimits): void {
  if (width * height <= pixels) return;
  throw new HumanError(`${width} × ${height} pixels is over the limit of ${pixels / 1e6} million`);
}

function megabytes(bytes: number): string {
  return `${Math.round((bytes / 2 ** 20) * 10) / 10} MB`;
}
