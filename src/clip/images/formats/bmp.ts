import type { BitmapHeader } from './bitmap/header.ts';
import { decodeBmp, readBmpHeader } from './bitmap/bmpFile.ts';
import type { HeaderInfo, ImageFormat } from './imageFormat.ts';
import { hasSignature } from './signature.ts';

/** Bytes of the known info headers, from BITMAPCOREHEADER to BITMAPV5HEADER. */
const INFO_HEADER_SIZES = new Set([12, 16, 40, 52, 56, 64, 108, 124]);

export const bmp: ImageFormat = {
  id: 'bmp',
  name: 'BMP',
  extensions: ['bmp'],
  sniff: (file) => hasSignature(file, 'BM') && file.length >= 18 && INFO_HEADER_SIZES.has(file.readUInt32LE(14)),
  open(file) {
    const { width, height } = readBmpHeader(file);
    return { kind: 'raster', width, height, decode: () => decodeBmp(file) };
  },
  details: (file) => bitmapDetails(readBmpHeader(file)),
  // Our own decoder detects truncation itself.
  isTruncated: () => false,
};

function bitmapDetails({ bitsPerPixel, masks }: BitmapHeader): Partial<HeaderInfo> {
  const palette = bitsPerPixel <= 8;
  const alpha = bitsPerPixel === 32 && masks[3] !== 0;
  return { palette, alpha, bits: palette ? bitsPerPixel : bitsPerPixel === 16 ? 5 : 8 };
}
