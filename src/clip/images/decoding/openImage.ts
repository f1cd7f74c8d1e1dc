import { UserError } from '../../../base/userError.ts';
import type {
  DrawingContent,
  EncodedContent,
  HeaderInfo,
  ImageContent,
  ImageFormat,
  NamedBytes,
  Size,
} from '../formats/imageFormat.ts';
import { formatOf } from '../formats/registry.ts';
import type { SvgDocument, ViewBox } from '../formats/svg/document.ts';
import { describeUnsupported } from '../formats/unsupported.ts';
import type { LinkedFiles } from '../linkedFiles.ts';
import { checkBytes, checkPixels, checkRasterPixels, type DecodeLimits } from '../limits.ts';
import type { Raster } from '../raster.ts';
import type { Metadata } from '../sharp.ts';
import { chooseFrame } from './animation.ts';
import { decodeError } from './decodeError.ts';
import { runQueued, type DecodeOptions } from './decodeOptions.ts';
import { drawnBounds } from './drawing.ts';
import { composingMemory, headerMemory } from './memory.ts';
import { pipeline, unpacked } from './pipeline.ts';

interface Opened extends Size {
  readonly format: ImageFormat;
  /** The encoded file. */
  readonly file: Buffer;
  /** Size to report; the largest picture of an icon file, also where a smaller one is opened. */
  readonly shown: Size;
}

/**
 * An image whose header is read and within the limits, and whose pixels are not decoded yet. Width and height are those
 * of the decoded pixels, after EXIF orientation.
 */
export type OpenImage = OpenPixels | OpenDrawing;
export type OpenPixels = OpenEncoded | OpenRaster;
export type OpenEncoded = Opened & {
  readonly kind: 'encoded';
  readonly bytes: EncodedContent['bytes'];
  readonly metadata: Metadata;
  readonly details: Partial<HeaderInfo>;
  readonly strict: boolean;
  readonly onWhite: boolean;
  /** The frame of an animation to show, from 0. */
  readonly frame: number;
  readonly wholeBytes: EncodedContent['wholeBytes'];
};
export type OpenRaster = Opened & {
  readonly kind: 'raster';
  readonly details: Partial<HeaderInfo>;
  readonly wholeBytes: number;
  readonly decode: () => Raster | Promise<Raster>;
};
/** Width and height are CSS pixels, not rounded. */
export type OpenDrawing = Opened & {
  readonly kind: 'drawing';
  readonly document: SvgDocument;
  /** The part to show of a document without a size of its own. */
  readonly bounds: ViewBox | null;
  /** Linked images that it may show. */
  readonly links: LinkedFiles | undefined;
};

/**
 * Detects the format of a file and reads its header.
 * @param size pixels of the longer side wanted, which chooses among the pictures of an icon file; Infinity where only
 * the details are wanted
 * @throws UserError with a short reason where the file is not a supported image, is damaged or exceeds a limit
 */
export async function openImage(source: NamedBytes, size: number, options: DecodeOptions): Promise<OpenImage> {
  const { name, bytes, links } = source;
  const { limits, signal } = options;
  signal?.throwIfAborted();
  if (bytes.length === 0) throw new UserError('empty file');
  checkBytes(bytes.length, limits);
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const format = formatOf(file, name);
  if (!format) throw new UserError(`not a supported image (found: ${describeUnsupported(file)})`);
  try {
    const content = await format.open(file, { size, limits });
    const small = content.kind === 'encoded' && size < Infinity ? content.decodeSmall?.() : null;
    if (small) return { format, file, ...openedRaster(small, limits) };
    return { format, file, ...(await readHeader(content, format, links, options)) };
  } catch (error) {
    throw signal?.aborted ? error : decodeError(error, format, file, limits.milliseconds);
  }
}

type Header =
  Omit<OpenEncoded, 'format' | 'file'> | Omit<OpenRaster, 'format' | 'file'> | Omit<OpenDrawing, 'format' | 'file'>;

function openedRaster(raster: Raster, limits: DecodeLimits): Omit<OpenRaster, 'format' | 'file'> {
  const { width, height } = raster;
  checkPixels(width, height, limits);
  const shown = { width, height };
  return { kind: 'raster', width, height, shown, details: {}, wholeBytes: 0, decode: () => raster };
}

async function readHeader(
  content: ImageContent,
  { name }: ImageFormat,
  links: LinkedFiles | undefined,
  options: DecodeOptions,
): Promise<Header> {
  switch (content.kind) {
    case 'encoded':
      return readEncoded(content, options);
    case 'drawing':
      return readDrawing(content, links, options);
    case 'raster': {
      const { width, height } = content;
      checkRasterPixels(width, height, name, options.limits);
      const decode = (): Raster | Promise<Raster> => content.decode();
      const { shown = { width, height }, details = {}, wholeBytes: held = 0 } = content;
      return { kind: 'raster', width, height, shown, details, wholeBytes: held, decode };
    }
  }
}

async function readEncoded(content: EncodedContent, options: DecodeOptions): Promise<Header> {
  const { bytes, shown, strict = false, onWhite = false, details = {}, wholeBytes } = content;
  const read = async (): Promise<Metadata> => pipeline(await unpacked(bytes)).metadata();
  const metadata = await runQueued(read, headerMemory(bytes), options);
  const { width, height } = metadata.autoOrient;
  checkPixels(width, height, options.limits);
  const size = { width, height, shown: shown ?? { width, height } };
  const { index: frame, compose } = await chooseFrame(content, metadata, options);
  if (compose) {
    const shownDetails = { alpha: true, bits: metadata.bitsPerSample ?? null, ...details, shownFrame: frame + 1 };
    return { kind: 'raster', ...size, details: shownDetails, wholeBytes: composingMemory(size), decode: compose };
  }
  return { kind: 'encoded', ...size, bytes, metadata, details, strict, onWhite, frame, wholeBytes };
}

async function readDrawing(
  { document }: DrawingContent,
  links: LinkedFiles | undefined,
  options: DecodeOptions,
): Promise<Header> {
  const own = document.viewport.size;
  const bounds = own ? null : await drawnBounds(document, options);
  const { width, height } = own ?? { width: bounds?.[2] ?? 1, height: bounds?.[3] ?? 1 };
  const pixels = (length: number): number => Math.max(1, Math.round(length));
  const shown = { width: pixels(width), height: pixels(height) };
  return { kind: 'drawing', width, height, shown, document, bounds, links };
}
