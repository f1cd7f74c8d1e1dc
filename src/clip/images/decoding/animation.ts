import type { EncodedContent, FramePart, Size } from '../formats/imageFormat.ts';
import { framesToCompare, frameThatShowsMost } from '../frames.ts';
import type { Raster } from '../raster.ts';
import type { Metadata } from '../sharp.ts';
import { chooseComposed, composeFrame } from './composedFrames.ts';
import { runQueued, secondsOf, type DecodeOptions } from './decodeOptions.ts';
import { NoThreadLeft } from './decodeQueue.ts';
import { composingMemory, encodedMemory, pixelHeader } from './memory.ts';
import { pipeline, unpacked } from './pipeline.ts';

/** Pixels of all frames together that are decoded to choose a frame; about a second. */
const PIXELS = 16_000_000;
/** Frames that are decoded to choose one, also where they are small. */
const MOST_FRAMES = 1000;
/** Pixels a side of the frames to compare. */
const SIDE = 32;

/** The frame of an image to show: its index, and how to compose it if sharp cannot decode it. */
export interface ShownFrame {
  readonly index: number;
  readonly compose?: () => Promise<Raster>;
}

/**
 * Chooses the frame of an animation to show. Frames build on the ones before them, so only the first part of a long
 * animation is compared.
 * @returns the index 0 for a still image
 */
export async function chooseFrame(
  content: EncodedContent,
  metadata: Metadata,
  options: DecodeOptions,
): Promise<ShownFrame> {
  const { pages = 1, width, height } = metadata;
  const limit = Math.min(MOST_FRAMES, Math.floor(PIXELS / (width * height)));
  if (limit < 2) return { index: 0 };
  try {
    if (content.framesOf) return await chooseFromParts({ width, height }, content.framesOf(limit), options);
    if (content.isAnimation === true && pages > 1) {
      return { index: await chooseDecoded(content, metadata, Math.min(pages, limit), options) };
    }
  } catch (error) {
    if (options.signal?.aborted || error instanceof NoThreadLeft) throw error;
    // The first frame may be whole where a later one is damaged. If it is not, reading its pixels reports it.
  }
  return { index: 0 };
}

async function chooseFromParts(size: Size, frames: readonly FramePart[], options: DecodeOptions): Promise<ShownFrame> {
  if (frames.length < 2) return { index: 0 };
  const index = await runQueued(() => chooseComposed(size, frames, options), composingMemory(size), options);
  return index === 0 ? { index } : { index, compose: () => composeFrame(size, frames, index, options) };
}

async function chooseDecoded(
  content: EncodedContent,
  metadata: Metadata,
  count: number,
  options: DecodeOptions,
): Promise<number> {
  const strip = { width: SIDE, height: SIDE * count };
  const memory = encodedMemory(content, pixelHeader(metadata), strip, false);
  const rgba = await runQueued(() => readFrames(content, count, options), memory, options);
  const bytes = SIDE * SIDE * 4;
  const compared = framesToCompare(count);
  const best = frameThatShowsMost(compared.map((frame) => rgba.subarray(frame * bytes, (frame + 1) * bytes)));
  return compared[best] ?? 0;
}

/** @returns RGBA of the first frames, each reduced to a square */
async function readFrames({ bytes }: EncodedContent, count: number, { limits }: DecodeOptions): Promise<Uint8Array> {
  return pipeline(await unpacked(bytes), { pages: count })
    .resize({ width: SIDE, height: SIDE, fit: 'fill', kernel: 'nearest' })
    .toColourspace('srgb')
    .ensureAlpha()
    .timeout({ seconds: secondsOf(limits) })
    .raw()
    .toBuffer();
}
