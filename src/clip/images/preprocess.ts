import type { ImageInput } from '../base/manifest.ts';
import { encoderBackground, flatten, type Rgb } from './background.ts';
import type { DecodeOptions } from './decoding/decodeOptions.ts';
import { openImage, type OpenDrawing, type OpenPixels } from './decoding/openImage.ts';
import { drawSvg } from './decoding/drawSvg.ts';
import { readPixels, type Region } from './decoding/readPixels.ts';
import type { NamedBytes, Size } from './formats/imageFormat.ts';
import { centred, fitImage, type Fit } from './geometry.ts';
import { lookOf, type ImageLook } from './look/imageLook.ts';
import type { Raster } from './raster.ts';
import { enlargeBlocks, isPixelArt } from './pixelArt.ts';
import { resample, type Axis } from './resample.ts';

/** An image as an image encoder takes it. */
export interface EncoderImage {
  /** [size, size, 3], RGB. */
  readonly pixels: Uint8Array;
  /** Pixels of the image as it is shown, after EXIF orientation. */
  readonly width: number;
  readonly height: number;
  /** Identifier of its format. */
  readonly format: string;
  /** Position of the image in the square. */
  readonly fit: Fit;
  readonly look: ImageLook;
}

/**
 * For `area`, sharp reduces each side to this many pixels per pixel of the result, and this module takes their mean.
 * The kernels of sharp are smoother or sharper than the mean of an area. On icons of 512 pixels the combination differs
 * from it by 0.3 of 255.
 */
const AREA_SAMPLES = 2;
/** Pixels around a part of the image that resampling of this part may need. */
const MARGIN = 3;

/**
 * Decodes an image and fits it into the square of an image encoder (paper, section 2.5: the shortest side is resized
 * and the centre cropped; the manifest of another model may say otherwise). Decoding and reducing run in the threads of
 * sharp. The JavaScript thread only loops over a few squares of pixels.
 * @throws UserError with a short reason where the image cannot be decoded; the signal's reason when it aborts
 */
export async function preprocessImage(
  file: NamedBytes,
  input: ImageInput,
  options: DecodeOptions,
): Promise<EncoderImage> {
  const image = await openImage(file, input.size, options);
  const fitted =
    image.kind === 'drawing' ? await fitDrawing(image, input, options) : await fitPixels(image, input, options);
  return { ...fitted, ...image.shown, format: image.format.id };
}

type Fitted = Pick<EncoderImage, 'pixels' | 'fit' | 'look'>;

/** Draws at the size of the square, up to rounding, so that nothing is resampled. */
async function fitDrawing(image: OpenDrawing, input: ImageInput, options: DecodeOptions): Promise<Fitted> {
  const raster = await drawSvg(image, drawnSize(image, input), options);
  const { rgb, background, look } = flattenWithLook(raster, input);
  const fit = centred(raster.width, raster.height, input.size);
  return { pixels: pasteIntoSquare(rgb, fit, input.size, background), fit, look };
}

/** Composes an image over the background of the encoder. @returns rgb [height, width, 3] */
function flattenWithLook(raster: Raster, input: ImageInput): { rgb: Uint8Array; background: Rgb; look: ImageLook } {
  const background = encoderBackground(raster, input.background);
  const rgb = flatten(raster, background);
  return { rgb, background, look: input.background === 'contrast' ? lookOf(raster, rgb) : lookOf(raster) };
}

/** A drawing has no pixels, so its shorter side is rounded instead of cut off. */
function drawnSize({ width, height }: Size, { size, resize }: Pick<ImageInput, 'size' | 'resize'>): Size {
  if (resize === 'squash') return { width: size, height: size };
  const scale = size / (resize === 'longest' ? Math.max(width, height) : Math.min(width, height));
  const pixels = (length: number): number => Math.max(1, Math.round(length * scale));
  return { width: pixels(width), height: pixels(height) };
}

async function fitPixels(image: OpenPixels, input: ImageInput, options: DecodeOptions): Promise<Fitted> {
  const { size, interpolation } = input;
  const fit = fitImage(image.width, image.height, input);
  const x = planAxis(image.width, fit.width, fit.left, input);
  const y = planAxis(image.height, fit.height, fit.top, input);
  const part = { left: x.start, top: y.start, width: x.end - x.start, height: y.end - y.start };
  // If the square needs more than a quarter, the whole image is read, which also detects truncation.
  const isCut = 4 * part.width * part.height < x.reduced * y.reduced;
  const region: Region = isCut ? part : { left: 0, top: 0, width: x.reduced, height: y.reduced };
  const kernel = interpolation === 'bilinear' ? 'linear' : 'cubic';
  const raster = await readPixels(
    image,
    { width: x.reduced, height: y.reduced, region, shrinkOnLoad: interpolation === 'area', kernel },
    options,
  );
  const { rgb, background, look } = flattenWithLook(raster, input);
  if (2 * Math.max(image.width, image.height) <= size && isPixelArt(raster)) {
    const blocks = fitBlocks(image.width, image.height, input);
    const enlarged = enlargeBlocks(rgb, image.width, image.height, blocks.width, blocks.height);
    return { pixels: pasteIntoSquare(enlarged, blocks, size, background), fit: blocks, look };
  }
  const across: Axis = { from: x.reduced, origin: region.left, to: fit.width, first: x.first, count: x.count };
  const down: Axis = { from: y.reduced, origin: region.top, to: fit.height, first: y.first, count: y.count };
  const fitted = resample({ data: rgb, width: raster.width, height: raster.height }, across, down, kernel);
  const bars = { left: Math.min(0, fit.left), top: Math.min(0, fit.top) };
  return { pixels: pasteIntoSquare(fitted, { width: x.count, height: y.count, ...bars }, size, background), fit, look };
}

interface AxisPlan {
  /** Length to which sharp reduces the image, at most its own length. */
  readonly reduced: number;
  /** The part of the reduced image that the square needs. */
  readonly start: number;
  readonly end: number;
  /** The part of the resized image that the square shows. */
  readonly first: number;
  readonly count: number;
}

function planAxis(length: number, fitted: number, offset: number, { size, interpolation }: ImageInput): AxisPlan {
  const reduced = Math.min(length, interpolation === 'area' ? fitted * AREA_SAMPLES : fitted);
  const first = Math.max(0, offset);
  const count = Math.min(fitted, offset + size) - first;
  const scale = reduced / fitted;
  const start = Math.max(0, Math.floor(first * scale) - MARGIN);
  const end = Math.min(reduced, Math.ceil((first + count) * scale) + MARGIN);
  return { reduced, start, end, first, count };
}

/** If the square may have bars, pixel art is enlarged by a whole number; otherwise it is as large as other images. */
function fitBlocks(width: number, height: number, input: ImageInput): Fit {
  if (input.resize !== 'longest') return fitImage(width, height, input);
  const factor = Math.floor(input.size / Math.max(width, height));
  return centred(width * factor, height * factor, input.size);
}

/** @returns [size, size, 3]: the resized image on the background */
function pasteIntoSquare(
  rgb: Uint8Array,
  { width, height, left, top }: Fit,
  size: number,
  background: Rgb,
): Uint8Array {
  if (width === size && height === size) return rgb;
  const pixels = new Uint8Array(size * size * 3);
  for (let at = 0; at < pixels.length; at += 3) pixels.set(background, at);
  const [firstColumn, firstRow] = [Math.max(0, left), Math.max(0, top)];
  const columns = Math.min(width - firstColumn, size);
  for (let row = 0; row < Math.min(height - firstRow, size); row++) {
    const from = ((firstRow + row) * width + firstColumn) * 3;
    const to = ((row + Math.max(0, -top)) * size + Math.max(0, -left)) * 3;
    pixels.set(rgb.subarray(from, from + columns * 3), to);
  }
  return pixels;
}
