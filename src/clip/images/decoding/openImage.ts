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
import type { SvgDocument } from '../formats/svg/document.ts';
import { describeUnsupported } from '../formats/unsupported.ts';
import { checkBytes, checkPixels, checkRasterPixels } from '../limits.ts';
import type { Raster } from '../raster.ts';
import type { Metadata, Sharp } from '../sharp.ts';
import { chooseFrame } from './animation.ts';
import { decodeError } from './decodeError.ts';
import { embeddedImages } from '../formats/svg/needs.ts';
import { runQueued, type DecodeOptions } from './decodeOptions.ts';
import { composingMemory, HEADER_MEMORY, parsingMemory, type DrawingNeeds } from './memory.ts';
import { pipeline } from './pipeline.ts';

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
  readonly bytes: Uint8Array;
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
export type OpenDrawing = Opened & {
  readonly kind: 'drawing';
  readonly document: SvgDocument;
  readonly needs: DrawingNeeds;
};

/**
 * Detects the format of a file and reads its header.
 * @param size pixels of the longer side wanted, which chooses among the pictures of an icon file
 * @throws UserError with a short reason where the file is not a supported image, is damaged or exceeds a limit
 */
export async function openImage({ name, bytes }: NamedBytes, size: number, options: DecodeOptions): Promise<OpenImage> {
  const { limits, signal } = options;
  signal?.throwIfAborted();
  if (bytes.length === 0) throw new UserError('empty file');
  checkBytes(bytes.length, limits);
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const format = formatOf(file, name);
  if (!format) throw new UserError(`not a supported image (found: ${describeUnsupported(file)})`);
  try {
    const content = await format.open(file, { size, limits });
    return { format, file, ...(await readHeader(content, format, options)) };
  } catch (error) {
    throw signal?.aborted ? error : decodeError(error, format, file, limits.milliseconds);
  }
}

/** A sharp pipeline over the picture of an image that is shown. */
export function openedPipeline({ bytes, strict, frame }: Pick<OpenEncoded, 'bytes' | 'strict' | 'frame'>): Sharp {
  return pipeline(bytes, { ...(strict && { failOn: 'warning' }), ...(frame > 0 && { page: frame }) });
}

type Header =
  Omit<OpenEncoded, 'format' | 'file'> | Omit<OpenRaster, 'format' | 'file'> | Omit<OpenDrawing, 'format' | 'file'>;

async function readHeader(content: ImageContent, { name }: ImageFormat, options: DecodeOptions): Promise<Header> {
  switch (content.kind) {
    case 'encoded':
      return readEncoded(content, options);
    case 'drawing':
      return readDrawing(content, options);
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
  const metadata = await runQueued(() => pipeline(bytes).metadata(), HEADER_MEMORY + bytes.length, options);
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

async function readDrawing({ document }: DrawingContent, options: DecodeOptions): Promise<Header> {
  const { bytes, density, scale } = document;
  const measure = () => pipeline(bytes, { density }).metadata();
  const { width, height } = await runQueued(measure, parsingMemory(document.needs, bytes), options);
  const pixels = (length: number): number => Math.max(1, Math.round(length / scale));
  const shown = { width: pixels(width), height: pixels(height) };
  const needs = { ...document.needs, embeddedPixels: await embeddedPixels(bytes, options) };
  return { kind: 'drawing', ...shown, shown, document, needs };
}

/** Pixels of the largest image in a drawing. librsvg draws nothing for an image whose header cannot be read. */
async function embeddedPixels(drawing: Uint8Array, options: DecodeOptions): Promise<number> {
  let largest = 0;
  for (const bytes of embeddedImages(drawing)) {
    const read = () =>
      pipeline(bytes)
        .metadata()
        .catch(() => undefined);
    const header = await runQueued(read, HEADER_MEMORY + bytes.length, options);
    if (header) largest = Math.max(largest, header.width * header.height);
  }
  return largest;
}
