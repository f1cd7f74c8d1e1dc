import type { Raster } from '../../raster.ts';
import { readBitmapHeader, type BitmapHeader } from './header.ts';
import { alphaChannel, decodePixels, rowStride } from './pixels.ts';

/** Reads the header of a bitmap in an icon file, which counts the rows of the transparency mask as well. */
export function readIconBitmapHeader(bitmap: Buffer): BitmapHeader {
  const header = readBitmapHeader(bitmap);
  return { ...header, height: Math.max(1, header.height >> 1) };
}

/**
 * Decodes a bitmap in an icon file: the colours, followed by a mask of one bit a pixel, which is set where the icon is
 * transparent.
 * @throws UserError where the bitmap is truncated or of a variant that is not supported
 */
export function decodeIconBitmap(bitmap: Buffer): Raster {
  const header = readIconBitmapHeader(bitmap);
  const pixels = bitmap.subarray(header.end);
  const raster = decodePixels(bitmap, withAlphaBits(header), pixels);
  const { data, channels, width, height } = raster;
  const mask = pixels.subarray(rowStride(width, header.bitsPerPixel) * height);
  const alpha = alphaChannel(raster) ?? alphaFromMask(mask, header);
  const rgba = new Uint8Array(width * height * 4);
  for (let i = 0; i < alpha.length; i++) {
    const from = i * channels;
    rgba.set([data[from] ?? 0, data[from + 1] ?? 0, data[from + 2] ?? 0, alpha[i] ?? 0], 4 * i);
  }
  return { data: rgba, width, height, channels: 4 };
}

/** In icons, unlike in BMP files, the fourth byte of 32 bits is alpha. */
function withAlphaBits(header: BitmapHeader): BitmapHeader {
  if (header.bitsPerPixel !== 32) return header;
  const [red, green, blue] = header.masks;
  return { ...header, masks: [red, green, blue, 0xff000000] };
}

/** @returns [height, width] alpha. Some writers truncate the mask: the pixels that it does not cover are opaque. */
function alphaFromMask(mask: Buffer, { width, height, topDown }: BitmapHeader): Uint8Array {
  const stride = rowStride(width, 1);
  const alpha = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const start = stride * (topDown ? y : height - 1 - y);
    for (let x = 0; x < width; x++) {
      const isTransparent = (((mask[start + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1) === 1;
      alpha[y * width + x] = isTransparent ? 0 : 255;
    }
  }
  return alpha;
}
