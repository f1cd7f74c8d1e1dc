import type { ImageFormat } from './imageFormat.ts';
import { hasSignature } from './signature.ts';

/** A RIFF file begins with a signature and the size of the rest, four bytes each. */
const RIFF_HEADER = 8;

export const webp: ImageFormat = {
  id: 'webp',
  name: 'WebP',
  extensions: ['webp'],
  sniff: (file) => hasSignature(file, 'RIFF') && hasSignature(file, 'WEBP', RIFF_HEADER),
  open: (bytes) => ({ kind: 'encoded', bytes }),
  isTruncated: (file) => file.readUInt32LE(4) + RIFF_HEADER > file.length,
};
