import { UserError } from '../../../base/userError.ts';
import { alphaOf, decodePixels, strideOf } from './bitmap.ts';
import { readBitmapHeader, type BitmapHeader } from './bitmapHeader.ts';
import { sniffFormat } from './formats.ts';
import type { Raster } from '../raster.ts';

/** One picture of an icon or cursor file. */
export interface IconEntry {
  readonly width: number;
  readonly height: number;
  readonly bitsPerPixel: number;
  /** A whole PNG file, or a bitmap without its file header. */
  readonly bytes: Uint8Array;
  readonly kind: 'png' | 'bitmap';
}

/**
 * The pictures of an ICO or CUR file that lie within it.
 * @throws UserError where there is none.
 */
export function readIconEntries(bytes: Uint8Array): IconEntry[] {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const count = file.readUInt16LE(4);
  const entries: IconEntry[] = [];
  for (let at = 6; at + 16 <= file.length && at < 6 + 16 * count; at += 16) {
    const length = file.readUInt32LE(at + 8);
    const start = file.readUInt32LE(at + 12);
    const data = file.subarray(start, start + length);
    if (data.length === length && length > 24) entries.push(entryOf(data));
  }
  if (entries.length === 0) throw new UserError(count === 0 ? 'ICO without a picture' : 'truncated ICO');
  return entries;
}

/** The directory's own sizes are one byte each and often wrong: the picture's header tells. */
function entryOf(data: Buffer): IconEntry {
  if (sniffFormat(data) === 'png') {
    return { width: data.readUInt32BE(16), height: data.readUInt32BE(20), bitsPerPixel: 32, bytes: data, kind: 'png' };
  }
  const { width, height, bitsPerPixel } = iconHeader(data);
  return { width, height, bitsPerPixel, bytes: data, kind: 'bitmap' };
}

/** The picture to draw at a size: the smallest that is not smaller, else the largest; of those, the one of most colours. */
export function bestIconEntry(entries: readonly IconEntry[], size: number): IconEntry {
  const side = ({ width, height }: IconEntry): number => Math.max(width, height);
  return entries.reduce((best, entry) => {
    if (side(entry) === side(best)) return entry.bitsPerPixel > best.bitsPerPixel ? entry : best;
    const smaller = side(entry) < side(best);
    return smaller === Math.min(side(entry), side(best)) >= size ? entry : best;
  });
}

/**
 * Decodes an entry of kind `bitmap`: colours, then one bit a pixel that is set where the icon is transparent.
 * @throws UserError where it is cut short or of a kind that is not read.
 */
export function decodeIconBitmap(bytes: Uint8Array): Raster {
  const info = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const header = iconHeader(info);
  const pixels = info.subarray(header.end);
  const raster = decodePixels(info, withAlphaBits(header), pixels);
  const { data, channels, width, height } = raster;
  const shown = pixels.subarray(strideOf(width, header.bitsPerPixel) * height);
  const alpha = alphaOf(raster) ?? alphaFromMask(shown, header);
  const rgba = new Uint8Array(width * height * 4);
  for (let i = 0; i < alpha.length; i++) {
    const from = i * channels;
    rgba.set([data[from] ?? 0, data[from + 1] ?? 0, data[from + 2] ?? 0, alpha[i] ?? 0], 4 * i);
  }
  return { data: rgba, width, height, channels: 4 };
}

/** An icon's header counts the rows of its mask as well. */
function iconHeader(info: Buffer): BitmapHeader {
  const header = readBitmapHeader(info);
  return { ...header, height: Math.max(1, header.height >> 1) };
}

/** In icons, unlike in BMP files, the fourth byte of 32 bits is alpha. */
function withAlphaBits(header: BitmapHeader): BitmapHeader {
  if (header.bitsPerPixel !== 32) return header;
  const [red, green, blue] = header.masks;
  return { ...header, masks: [red, green, blue, 0xff000000] };
}

/** [height, width]; a mask that is cut short, as some writers leave it, hides nothing more. */
function alphaFromMask(mask: Buffer, { width, height, topDown }: BitmapHeader): Uint8Array {
  const stride = strideOf(width, 1);
  const alpha = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const start = stride * (topDown ? y : height - 1 - y);
    for (let x = 0; x < width; x++) {
      const hidden = (((mask[start + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1) === 1;
      alpha[y * width + x] = hidden ? 0 : 255;
    }
  }
  return alpha;
}
