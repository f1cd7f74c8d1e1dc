/** Small images and the options to decode them, for tests. */
import { readFileSync } from 'node:fs';
import type { ImageInput } from '../../../../src/clip/base/manifest.ts';
import type { DecodeOptions } from '../../../../src/clip/images/decoding/decodeOptions.ts';
import { DecodeQueue } from '../../../../src/clip/images/decoding/decodeQueue.ts';
import type { NamedBytes } from '../../../../src/clip/images/formats/imageFormat.ts';
import { DECODE_LIMITS, type DecodeLimits } from '../../../../src/clip/images/limits.ts';
import { preprocessImage, type EncoderImage } from '../../../../src/clip/images/preprocess.ts';

/** Input of an encoder of 32 pixels. */
export const input: ImageInput = {
  graph: '',
  size: 32,
  resize: 'longest',
  interpolation: 'area',
  background: [255, 255, 255],
};

/** A drawing that fills every drawing of up to 99 pixels with red. */
export const RED_SQUARE = '<path d="M0 0h99v99H0z" fill="red"/>';

export function svg(content: string, attributes = 'width="10" height="10"'): Buffer {
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" ${attributes}>${content}</svg>`);
}

export function fixture(name: string): Buffer {
  return readFileSync(new URL(`../../../parity/fixtures/preprocess/${name}`, import.meta.url));
}

/** A file of test/parity/references/formats.py. */
export function formatFixture(name: string): Buffer {
  return readFileSync(new URL(`../../../parity/fixtures/formats/${name}`, import.meta.url));
}

/** Bytes whose name does not help to detect their format. */
export function unnamed(bytes: Uint8Array): NamedBytes {
  return { name: 'image', bytes };
}

/** Options with a queue of their own, so that tests do not wait for each other's images. */
export function decodeOptions(limits: Partial<DecodeLimits> = {}): DecodeOptions {
  const all = { ...DECODE_LIMITS, ...limits };
  return { queue: new DecodeQueue(undefined, all.memory), limits: all };
}

export function preprocess(
  bytes: Uint8Array,
  to: ImageInput = input,
  options: DecodeOptions = decodeOptions(),
): Promise<EncoderImage> {
  return preprocessImage(unnamed(bytes), to, options);
}

/** The number of red pixels of an image that was fitted into 32 × 32 pixels. */
export async function redPixels(bytes: Uint8Array): Promise<number> {
  const { pixels } = await preprocess(bytes);
  let red = 0;
  for (let at = 0; at < pixels.length; at += 3) if ((pixels[at] ?? 0) > 200 && (pixels[at + 1] ?? 255) < 50) red++;
  return red;
}

/** The mean difference of two pictures, 0 to 255. */
export function difference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, value, at) => sum + Math.abs(value - (b[at] ?? 0)), 0) / a.length;
}
