import type { ImageFormat, PixelHeader } from './imageFormat.ts';
import { frameCount, framesOf } from './png/apng.ts';
import { decodeSmallPng } from './png/smallPng.ts';
import { hasSignature } from './signature.ts';

/** Bytes at the end of a file that contain the IEND chunk, even if something was appended to it. */
const TAIL = 4096;

export const png: ImageFormat = {
  id: 'png',
  name: 'PNG',
  extensions: ['png', 'apng'],
  sniff: isPng,
  open(bytes) {
    const frames = frameCount(bytes);
    const animation = frames > 1 ? { framesOf: (limit: number) => framesOf(bytes, limit), details: { frames } } : {};
    return {
      kind: 'encoded',
      bytes,
      wholeBytes: pngWholeBytes,
      decodeSmall: () => decodeSmallPng(bytes),
      ...animation,
    };
  },
  isTruncated: (file) => !file.subarray(-TAIL).includes('IEND'),
};

export function isPng(file: Buffer): boolean {
  return hasSignature(file, '\x89PNG\r\n\x1a\n');
}

/** An interlaced PNG is held as a whole. */
export function pngWholeBytes({ width, height, channels, bytesPerChannel, isProgressive }: PixelHeader): number {
  return isProgressive ? 1.1 * width * height * channels * bytesPerChannel : 0;
}
