import type { ImageFormat, PixelHeader } from './imageFormat.ts';
import { hasSignature } from './signature.ts';

export const avif: ImageFormat = {
  id: 'avif',
  name: 'AVIF',
  extensions: ['avif'],
  // The brand of images or of image sequences is the major brand of the file or one of the first compatible ones.
  sniff: (file) => hasSignature(file, 'ftyp', 4) && /avi[fs]/.test(file.toString('latin1', 8, 40)),
  open: (bytes) => ({ kind: 'encoded', bytes, wholeBytes }),
  isTruncated: (_, message) => /end of file|outside of file|file size too small/i.test(message),
};

/**
 * The decoder of AV1 holds its blocks and the planes of the whole image, and libheif converts them to RGB: 16 bytes a
 * pixel with one chroma sample for four pixels, else 20; more with more than 8 bits.
 */
function wholeBytes({ width, height, chromaSubsampling, bits }: PixelHeader): number {
  const bytes = chromaSubsampling === '4:2:0' ? 17 : 20;
  return width * height * (bits > 8 ? 1.5 * bytes : bytes);
}
