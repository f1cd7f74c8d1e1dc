import type { FramePart, Size } from '../formats/imageFormat.ts';
import { framesToCompare, frameThatShowsMost } from '../frames.ts';
import type { Raster } from '../raster.ts';
import { secondsOf, type DecodeOptions } from './decodeOptions.ts';
import { pipeline } from './pipeline.ts';

/** Pixels a side of the frames to compare, at most. */
const SIDE = 32;

/**
 * Composes all frames and chooses the one that shows most.
 * @returns its index
 */
export async function chooseComposed(
  size: Size,
  frames: readonly FramePart[],
  options: DecodeOptions,
): Promise<number> {
  const compared = framesToCompare(frames.length);
  const samples: Uint8Array[] = [];
  for await (const canvas of compose(size, frames, options)) samples.push(sample(canvas, size));
  return compared[frameThatShowsMost(compared.flatMap((index) => samples[index] ?? []))] ?? 0;
}

/** Composes the frames up to an index, and returns that one. */
export async function composeFrame(
  { width, height }: Size,
  frames: readonly FramePart[],
  index: number,
  options: DecodeOptions,
): Promise<Raster> {
  let at = 0;
  for await (const data of compose({ width, height }, frames, options)) {
    if (at++ === index) return { data, width, height, channels: 4 };
  }
  throw new Error(`The animation has no frame ${index}.`);
}

/** Yields the canvas with each frame, in RGBA. It changes as soon as the next frame is requested. */
async function* compose(
  size: Size,
  frames: readonly FramePart[],
  options: DecodeOptions,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const canvas = new Uint8Array(size.width * size.height * 4);
  for (const frame of frames) {
    options.signal?.throwIfAborted();
    const pixels = await pipeline(frame.bytes())
      .toColourspace('srgb')
      .ensureAlpha()
      .timeout({ seconds: secondsOf(options.limits) })
      .raw()
      .toBuffer();
    const before = frame.dispose === 'previous' ? canvas.slice() : null;
    draw(canvas, size, frame, pixels);
    yield canvas;
    if (before) canvas.set(before);
    else if (frame.dispose === 'background') clear(canvas, size, frame);
  }
}

function draw(
  canvas: Uint8Array,
  size: Size,
  { left, top, width, height, blend }: FramePart,
  pixels: Uint8Array,
): void {
  for (let y = 0; y < height; y++) {
    const row = pixels.subarray(y * width * 4, (y + 1) * width * 4);
    const start = ((top + y) * size.width + left) * 4;
    if (blend === 'source') canvas.set(row, start);
    else for (let at = 0; at < row.length; at += 4) blendPixel(canvas, start + at, row, at);
  }
}

/** The operator "over" on colours that alpha is not multiplied into (PNG specification, section 13.16). */
function blendPixel(canvas: Uint8Array, to: number, pixels: Uint8Array, from: number): void {
  const alpha = (pixels[from + 3] ?? 0) / 255;
  const below = ((canvas[to + 3] ?? 0) / 255) * (1 - alpha);
  const total = alpha + below;
  if (total === 0) return;
  for (let c = 0; c < 3; c++) {
    canvas[to + c] = Math.round(((pixels[from + c] ?? 0) * alpha + (canvas[to + c] ?? 0) * below) / total);
  }
  canvas[to + 3] = Math.round(total * 255);
}

function clear(canvas: Uint8Array, size: Size, { left, top, width, height }: FramePart): void {
  for (let y = top; y < top + height; y++)
    canvas.fill(0, (y * size.width + left) * 4, (y * size.width + left + width) * 4);
}

/** RGBA of single pixels at equal distances. */
function sample(canvas: Uint8Array, { width, height }: Size): Uint8Array {
  const [columns, rows] = [Math.min(SIDE, width), Math.min(SIDE, height)];
  const rgba = new Uint8Array(columns * rows * 4);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const y = Math.floor(((row + 0.5) * height) / rows);
      const x = Math.floor(((column + 0.5) * width) / columns);
      const at = (y * width + x) * 4;
      rgba.set(canvas.subarray(at, at + 4), (row * columns + column) * 4);
    }
  }
  return rgba;
}
