import { UserError } from '../../../base/userError.ts';
import { readBitmapHeader, type BitmapHeader } from './bitmapHeader.ts';
import type { Raster } from '../raster.ts';

const FILE_HEADER = 14;

/** What a BMP file says of its picture, before its pixels are read. */
export function bitmapHeader(bytes: Uint8Array): BitmapHeader {
  return readBitmapHeader(bufferOf(bytes).subarray(FILE_HEADER));
}

/**
 * Decodes a BMP file of any depth, run-length encoded or not. Written here as the decoders on npm read neither run lengths,
 * nor 16 bits, nor pictures stored from the top, and take the unused byte of 32 bits for alpha.
 * @throws UserError where it is cut short or of a kind that is not read.
 */
export function decodeBitmap(bytes: Uint8Array): Raster {
  const file = bufferOf(bytes);
  const header = bitmapHeader(bytes);
  const pixelsAt = file.readUInt32LE(10);
  // Some writers leave the offset empty.
  const pixels = file.subarray(pixelsAt >= FILE_HEADER + header.paletteAt ? pixelsAt : FILE_HEADER + header.end);
  const raster = decodePixels(file.subarray(FILE_HEADER), header, pixels);
  return alphaOf(raster) || raster.channels === 3 ? raster : withoutAlpha(raster);
}

/** The alpha channel, unless there is none or its writer left it empty. */
export function alphaOf({ data, channels }: Raster): Uint8Array | null {
  if (channels === 3) return null;
  const alpha = new Uint8Array(data.length / 4);
  for (let i = 0; i < alpha.length; i++) alpha[i] = data[4 * i + 3] ?? 0;
  return alpha.some((value) => value > 0) ? alpha : null;
}

function withoutAlpha({ data, width, height }: Raster): Raster {
  return { data: data.filter((_, i) => i % 4 < 3), width, height, channels: 3 };
}

/** Pixels of a bitmap whose header begins at `info`: 24 bits and less give three channels unless a mask tells of alpha. */
export function decodePixels(info: Buffer, header: BitmapHeader, pixels: Buffer): Raster {
  const { bitsPerPixel, compression, width, height, masks } = header;
  if (bitsPerPixel <= 8) {
    const indices = compression === 'none' ? unpack(header, pixels) : runLengths(header, pixels);
    return { data: lookUp(indices, readPalette(info, header)), width, height, channels: 3 };
  }
  if (bitsPerPixel === 24) return { data: copyTriples(header, pixels), width, height, channels: 3 };
  return { data: applyMasks(header, pixels), width, height, channels: masks[3] === 0 ? 3 : 4 };
}

/** Bytes from one row to the next: rows are padded to four bytes. */
export function strideOf(width: number, bitsPerPixel: number): number {
  return Math.ceil((width * bitsPerPixel) / 32) * 4;
}

function bufferOf(bytes: Uint8Array): Buffer {
  if (bytes.length < FILE_HEADER + 12) throw new UserError('truncated BMP');
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Where row y of the picture as shown begins; the padding of the last row may be missing. */
function rowStarts({ width, height, bitsPerPixel, topDown }: BitmapHeader, pixels: Buffer): (y: number) => number {
  const stride = strideOf(width, bitsPerPixel);
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

/** Palette indices [height, width] of 1, 2, 4 or 8 bits a pixel, the leftmost in the highest bits. */
function unpack(header: BitmapHeader, pixels: Buffer): Uint8Array {
  const { width, height, bitsPerPixel } = header;
  const startOf = rowStarts(header, pixels);
  const perByte = 8 / bitsPerPixel;
  const mask = 2 ** bitsPerPixel - 1;
  const indices = new Uint8Array(width * height);
  for (let y = 0, to = 0; y < height; y++) {
    const start = startOf(y);
    for (let x = 0; x < width; x++) {
      const byte = pixels[start + Math.floor(x / perByte)] ?? 0;
      indices[to++] = (byte >> (8 - bitsPerPixel * ((x % perByte) + 1))) & mask;
    }
  }
  return indices;
}

/** Palette indices [height, width] of run lengths of 8 or 4 bits a pixel; what the runs skip is colour 0. */
function runLengths({ width, height, compression }: BitmapHeader, pixels: Buffer): Uint8Array {
  const indices = new Uint8Array(width * height);
  const nibbles = compression === 'rle4';
  let at = 0;
  let x = 0;
  let y = height - 1; // run lengths are always stored from the bottom
  // What runs over the end of its row is dropped.
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
      // As many literal pixels, padded to an even number of bytes.
      const length = nibbles ? Math.ceil(value / 2) : value;
      const start = at;
      put(value, (i) => pixels[start + (nibbles ? i >> 1 : i)] ?? 0);
      at += length + (length % 2);
    }
  }
}

function lookUp(indices: Uint8Array, palette: Uint8Array): Uint8Array {
  const data = new Uint8Array(indices.length * 3);
  for (let i = 0, to = 0; i < indices.length; i++) {
    const at = 3 * (indices[i] ?? 0);
    data[to++] = palette[at] ?? 0;
    data[to++] = palette[at + 1] ?? 0;
    data[to++] = palette[at + 2] ?? 0;
  }
  return data;
}

function copyTriples(header: BitmapHeader, pixels: Buffer): Uint8Array {
  const { width, height } = header;
  const startOf = rowStarts(header, pixels);
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, to = 0; y < height; y++) {
    for (let at = startOf(y), end = at + 3 * width; at < end; at += 3) {
      data[to++] = pixels[at + 2] ?? 0;
      data[to++] = pixels[at + 1] ?? 0;
      data[to++] = pixels[at] ?? 0;
    }
  }
  return data;
}

/** Pixels of 16 or 32 bits, each channel's bits stretched to 0..255. */
function applyMasks(header: BitmapHeader, pixels: Buffer): Uint8Array {
  const { width, height, bitsPerPixel, masks } = header;
  const startOf = rowStarts(header, pixels);
  const channels = masks
    .filter((_, i) => i < 3 || masks[3] !== 0)
    .map((mask) => {
      const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask);
      return { mask, shift, highest: mask >>> shift || 1 };
    });
  const bytesPerPixel = bitsPerPixel / 8;
  const data = new Uint8Array(width * height * channels.length);
  for (let y = 0, to = 0; y < height; y++) {
    const start = startOf(y);
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
