import { UserError } from '../../../../base/userError.ts';
import type { Raster } from '../../raster.ts';
import type { BitmapHeader } from './header.ts';

/**
 * Decodes the pixels of a bitmap. The result has an alpha channel only where the header has a mask for it.
 * @param info the bytes from the start of the header
 * @throws UserError where the pixels or the palette are truncated
 */
export function decodePixels(info: Buffer, header: BitmapHeader, pixels: Buffer): Raster {
  const { bitsPerPixel, compression, width, height, masks } = header;
  if (bitsPerPixel <= 8) {
    const indices = compression === 'none' ? unpack(header, pixels) : decodeRunLengths(header, pixels);
    return { data: applyPalette(indices, readPalette(info, header)), width, height, channels: 3 };
  }
  if (bitsPerPixel === 24) return { data: readBgr(header, pixels), width, height, channels: 3 };
  return { data: applyMasks(header, pixels), width, height, channels: masks[3] === 0 ? 3 : 4 };
}

/** @returns [height, width] alpha; null where there is no alpha channel, or its writer left it empty */
export function alphaChannel({ data, channels }: Raster): Uint8Array | null {
  if (channels === 3) return null;
  const alpha = new Uint8Array(data.length / 4);
  for (let i = 0; i < alpha.length; i++) alpha[i] = data[4 * i + 3] ?? 0;
  return alpha.some((value) => value > 0) ? alpha : null;
}

/** Bytes from one row to the next. Rows are padded to four bytes. */
export function rowStride(width: number, bitsPerPixel: number): number {
  return Math.ceil((width * bitsPerPixel) / 32) * 4;
}

/** @returns the offset of each row of the picture, counted from its top. The padding of the last row may be missing. */
function rowStarts({ width, height, bitsPerPixel, topDown }: BitmapHeader, pixels: Buffer): (y: number) => number {
  const stride = rowStride(width, bitsPerPixel);
  if (pixels.length < stride * (height - 1) + Math.ceil((width * bitsPerPixel) / 8))
    throw new UserError('truncated BMP');
  return (y) => stride * (topDown ? y : height - 1 - y);
}

function readPalette(info: Buffer, { paletteAt, paletteEntrySize, paletteLength, end }: BitmapHeader): Uint8Array {
  if (info.length < end) throw new UserError('truncated BMP');
  const rgb = new Uint8Array(256 * 3);
  for (let i = 0; i < paletteLength; i++) {
    const at = paletteAt + paletteEntrySize * i;
    rgb.set([info[at + 2] ?? 0, info[at + 1] ?? 0, info[at] ?? 0], 3 * i);
  }
  return rgb;
}

/** @returns [height, width] palette indices from 1, 2, 4 or 8 bits a pixel, the leftmost pixel in the highest bits */
function unpack(header: BitmapHeader, pixels: Buffer): Uint8Array {
  const { width, height, bitsPerPixel } = header;
  const rowStart = rowStarts(header, pixels);
  const perByte = 8 / bitsPerPixel;
  const mask = 2 ** bitsPerPixel - 1;
  const indices = new Uint8Array(width * height);
  for (let y = 0, to = 0; y < height; y++) {
    const start = rowStart(y);
    for (let x = 0; x < width; x++) {
      const byte = pixels[start + Math.floor(x / perByte)] ?? 0;
      indices[to++] = (byte >> (8 - bitsPerPixel * ((x % perByte) + 1))) & mask;
    }
  }
  return indices;
}

/** @returns [height, width] palette indices from run lengths of 8 or 4 bits a pixel; skipped pixels have colour 0 */
function decodeRunLengths({ width, height, compression }: BitmapHeader, pixels: Buffer): Uint8Array {
  const indices = new Uint8Array(width * height);
  const nibbles = compression === 'rle4';
  let at = 0;
  let x = 0;
  let y = height - 1; // rows with run lengths are always stored from the bottom
  // Pixels of a run past the end of its row are dropped.
  const put = (count: number, byteOf: (i: number) => number): void => {
    for (let i = 0; i < count && x < width; i++, x++) {
      const byte = byteOf(i);
      indices[y * width + x] = nibbles ? (i % 2 === 0 ? byte >> 4 : byte & 15) : byte;
    }
  };
  for (;;) {
    if (y < 0) return indices;
    const count = pixels[at];
    const value = pixels[at + 1];
    if (count === undefined || value === undefined) throw new UserError('truncated BMP');
    at += 2;
    if (count > 0) {
      put(count, () => value);
    } else if (value === 0) {
      x = 0;
      y--;
    } else if (value === 1) {
      return indices;
    } else if (value === 2) {
      x += pixels[at] ?? 0;
      y -= pixels[at + 1] ?? 0;
      at += 2;
    } else {
      // `value` literal pixels follow, padded to an even number of bytes.
      const length = nibbles ? Math.ceil(value / 2) : value;
      const start = at;
      put(value, (i) => pixels[start + (nibbles ? i >> 1 : i)] ?? 0);
      at += length + (length % 2);
    }
  }
}

function applyPalette(indices: Uint8Array, palette: Uint8Array): Uint8Array {
  const data = new Uint8Array(indices.length * 3);
  for (let i = 0, to = 0; i < indices.length; i++) {
    const at = 3 * (indices[i] ?? 0);
    data[to++] = palette[at] ?? 0;
    data[to++] = palette[at + 1] ?? 0;
    data[to++] = palette[at + 2] ?? 0;
  }
  return data;
}

function readBgr(header: BitmapHeader, pixels: Buffer): Uint8Array {
  const { width, height } = header;
  const rowStart = rowStarts(header, pixels);
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, to = 0; y < height; y++) {
    for (let at = rowStart(y), end = at + 3 * width; at < end; at += 3) {
      data[to++] = pixels[at + 2] ?? 0;
      data[to++] = pixels[at + 1] ?? 0;
      data[to++] = pixels[at] ?? 0;
    }
  }
  return data;
}

/** @returns pixels from 16 or 32 bits, the bits of each channel scaled to 0..255 */
function applyMasks(header: BitmapHeader, pixels: Buffer): Uint8Array {
  const { width, height, bitsPerPixel, masks } = header;
  const rowStart = rowStarts(header, pixels);
  const channels = masks
    .filter((_, i) => i < 3 || masks[3] !== 0)
    .map((mask) => {
      const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask);
      return { mask, shift, highest: mask >>> shift || 1 };
    });
  const bytesPerPixel = bitsPerPixel / 8;
  const data = new Uint8Array(width * height * channels.length);
  for (let y = 0, to = 0; y < height; y++) {
    const start = rowStart(y);
    for (let x = 0; x < width; x++) {
      const at = start + x * bytesPerPixel;
      const low = (pixels[at] ?? 0) | ((pixels[at + 1] ?? 0) << 8);
      const value = bytesPerPixel === 2 ? low : low | ((pixels[at + 2] ?? 0) << 16) | ((pixels[at + 3] ?? 0) << 24);
      for (const { mask, shift, highest } of channels) {
        data[to++] = Math.round((((value & mask) >>> shift) * 255) / highest);
      }
    }
  }
  return data;
}
