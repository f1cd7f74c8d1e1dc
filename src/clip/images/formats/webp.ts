import type { ImageFormat, PixelHeader } from './imageFormat.ts';
import { hasSignature } from './signature.ts';

/** A RIFF file begins with a signature and the size of the rest, four bytes each. */
const RIFF_HEADER = 8;

export const webp: ImageFormat = {
  id: 'webp',
  name: 'WebP',
  extensions: ['webp'],
  sniff: (file) => hasSignature(file, 'RIFF') && hasSignature(file, 'WEBP', RIFF_HEADER),
  open: (bytes) => ({
    kind: 'encoded',
    bytes,
    isAnimation: true,
    wholeBytes: (header, reduces) => wholeBytes(header, reduces, isLossless(bytes)),
  }),
  isTruncated: (file) => file.readUInt32LE(4) + RIFF_HEADER > file.length,
};

/**
 * An animation is decoded into two canvases, without reduction. A still image is held in RGBA where it has no loss, and
 * its result in RGBA with a copy where it is not reduced.
 */
function wholeBytes({ width, height, hasAlpha, frames }: PixelHeader, reduces: boolean, lossless: boolean): number {
  if (frames > 1) return 16 * width * height;
  if (!reduces) return (lossless ? 9 : 8.2) * width * height;
  const alpha = hasAlpha ? 1.2 : 0;
  return (lossless ? 4.1 : alpha) * width * height;
}

/** Whether the first picture is stored without loss. Its chunk may follow those of a profile and of alpha. */
function isLossless(file: Buffer): boolean {
  for (let at = RIFF_HEADER + 4; at + 8 <= file.length;) {
    const name = file.toString('latin1', at, at + 4);
    if (name === 'VP8L' || name === 'VP8 ') return name === 'VP8L';
    const length = file.readUInt32LE(at + 4);
    at += 8 + length + (length % 2);
  }
  return true;
}
