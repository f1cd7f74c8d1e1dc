import type { ImageFormat, PixelHeader } from './imageFormat.ts';
import { hasSignature } from './signature.ts';

export const jpeg: ImageFormat = {
  id: 'jpeg',
  name: 'JPEG',
  extensions: ['jpg', 'jpeg', 'jpe', 'jfif'],
  isPhotographic: true,
  sniff: (file) => hasSignature(file, '\xff\xd8\xff'),
  open: (bytes) => ({ kind: 'encoded', bytes, wholeBytes }),
  isTruncated: (_, message) => /premature end|no image/i.test(message),
};

/** A progressive JPEG is held as coefficients of 2 bytes, also where it is reduced. */
function wholeBytes({ width, height, channels, chromaSubsampling, isProgressive }: PixelHeader): number {
  if (!isProgressive) return 0;
  const planes = channels === 3 && chromaSubsampling?.startsWith('4:2:0') ? 1.5 : channels;
  return 2.1 * width * height * planes;
}
