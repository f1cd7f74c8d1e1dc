/**
 * Estimates of the memory that decoders need, from the headers of images. The factors are measurements of libvips 8.18
 * with its libraries, rounded up (docs/design/processes.md).
 */
import type { EncodedContent, PackedBytes, PixelHeader, Size } from '../formats/imageFormat.ts';
import type { Raster } from '../raster.ts';
import type { Metadata } from '../sharp.ts';

/** The memory of a pipeline besides its pixels. */
const PIPELINE = 4_000_000;
/** Rows that libvips keeps of an image that it decodes row by row and reduces. */
const ROWS = 2000;
/** Rows of numbers of 4 bytes that its steps hold together in all threads, also of an image with fewer rows. */
const STEP_ROWS = 192;
/** Bytes of a pixel in RGBA. */
const RGBA = 4;
/** A format that AssetLens decodes itself has its pixels as an array, as a copy without alpha, and in libvips. */
const RASTER_COPIES = 3;
/** A picture that is being encoded: its copies with a background, in the colours of WebP, and in the encoder. */
const ENCODING_COPIES = 6;
/** Surfaces of the size of the drawing: the picture, its copy in libvips and the result. */
const DRAWING_SURFACES = 4;
/** sharp opens a drawing, and opens it again at the size to draw. */
const DRAWING_TREES = 2;
/** Bytes for each pixel of an image that is embedded in a drawing. */
const EMBEDDED = 11;

/** Bytes of a number in each number type of libvips. */
const SAMPLE_BYTES: Readonly<Record<string, number>> = {
  ...{ uchar: 1, char: 1, ushort: 2, short: 2, uint: 4, int: 4, float: 4, complex: 8, double: 8, dpcomplex: 16 },
};

/** Bytes to read the header of an encoded image. */
export function headerMemory(bytes: Uint8Array | PackedBytes): number {
  return PIPELINE + packedMemory(bytes);
}

function packedMemory(bytes: Uint8Array | PackedBytes): number {
  return bytes.length + (bytes instanceof Uint8Array ? 0 : bytes.memory);
}

/** The properties of an encoded image that determine the memory of its decoder. */
export function pixelHeader(metadata: Metadata): PixelHeader {
  const { width, height, channels, depth, pages = 1, chromaSubsampling = null } = metadata;
  return {
    ...{ width, height, channels, chromaSubsampling, frames: pages },
    bytesPerChannel: SAMPLE_BYTES[depth] ?? 8,
    bits: metadata.bitsPerSample ?? 8,
    isProgressive: metadata.isProgressive,
    hasAlpha: metadata.hasAlpha,
  };
}

/**
 * Bytes to decode an encoded image and to reduce it to a size.
 * @param reduces whether the decoder may reduce the image while it decodes
 */
export function encodedMemory(
  { bytes, wholeBytes }: Pick<EncodedContent, 'bytes' | 'wholeBytes'>,
  header: PixelHeader,
  result: Size,
  reduces: boolean,
): number {
  const { width, height, channels, bytesPerChannel } = header;
  const rows = rowsMemory(width, height, channels, bytesPerChannel);
  return packedMemory(bytes) + (wholeBytes?.(header, reduces) ?? 0) + rows + resultMemory(result);
}

/** Bytes to decode an image of a format that AssetLens decodes itself. */
export function rasterMemory(image: Size, file: Uint8Array, result: Size): number {
  const copies = RASTER_COPIES * RGBA * image.width * image.height;
  return file.length + copies + rowsMemory(image.width, 0, RGBA, 1) + resultMemory(result);
}

function rowsMemory(width: number, height: number, channels: number, bytesPerChannel: number): number {
  const decoded = Math.min(height, ROWS) * bytesPerChannel;
  return width * channels * Math.max(decoded, STEP_ROWS * Math.max(4, bytesPerChannel));
}

/** Bytes to compose the frames of an animation: the canvas, its copy, a frame and its copy in libvips. */
export function composingMemory({ width, height }: Size): number {
  return PIPELINE + 4 * RGBA * width * height;
}

/** The counts in the text of a drawing that determine the memory to draw it. */
export interface DrawingNeeds {
  /** Bytes of the tree that the drawing is parsed into. */
  readonly tree: number;
  /** Layers of the size of the picture that exist at the same time. */
  readonly layers: number;
  /** Pixels of the largest image in the drawing. */
  readonly embeddedPixels: number;
}

/** Bytes to draw a drawing at a size. */
export function drawingMemory({ tree, layers, embeddedPixels }: DrawingNeeds, file: Uint8Array, result: Size): number {
  const surfaces = (DRAWING_SURFACES + layers) * RGBA * result.width * result.height;
  return PIPELINE + file.length + DRAWING_TREES * tree + EMBEDDED * embeddedPixels + surfaces;
}

/** Bytes to resize and encode a raster. */
export function encodingMemory({ width, height }: Size): number {
  return PIPELINE + ENCODING_COPIES * RGBA * width * height;
}

/** Bytes to enlarge a raster to a size. */
export function resizingMemory(raster: Raster, result: Size): number {
  return raster.data.length + resultMemory(result);
}

/** The pixels of the result, in libvips and as a buffer. */
function resultMemory({ width, height }: Size): number {
  return PIPELINE + 2 * RGBA * width * height;
}
