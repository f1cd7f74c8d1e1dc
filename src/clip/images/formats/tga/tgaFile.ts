/** Truevision TGA ("Truevision TGA File Format Specification", version 2.0, 1991). */
import { UserError } from '../../../../base/userError.ts';
import type { Raster } from '../../raster.ts';

const HEADER_BYTES = 18;
const RUN_LENGTHS = 8;
/** Pixels of one packet. */
const LONGEST_PACKET = 128;

export interface TgaHeader {
  readonly isIndexed: boolean;
  readonly isGrey: boolean;
  readonly hasRunLengths: boolean;
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  readonly alphaBits: number;
  readonly isTopDown: boolean;
  readonly isRightToLeft: boolean;
  readonly palette: { readonly at: number; readonly first: number; readonly length: number; readonly bits: number };
  readonly pixelsAt: number;
}

/** Whether the first bytes are those of a TGA. They have no signature, so all values have to be valid. */
export function isTgaHeader(file: Buffer): boolean {
  if (file.length <= HEADER_BYTES) return false;
  const [paletteType = 0, type = 0, bits = 0] = [file[1], file[2], file[16]];
  const isIndexed = (type & 7) === 1;
  const depths = isIndexed ? [8, 16] : (type & 7) === 3 ? [8, 16] : [15, 16, 24, 32];
  const isValid = [1, 2, 3, 9, 10, 11].includes(type) && paletteType <= 1 && depths.includes(bits);
  const isPaletteValid = isIndexed
    ? paletteType === 1 && [15, 16, 24, 32].includes(file[7] ?? 0)
    : paletteType === 1 || file.subarray(3, 8).every((byte) => byte === 0);
  return isValid && isPaletteValid && file.readUInt16LE(12) > 0 && file.readUInt16LE(14) > 0 && (file[17] ?? 0) < 64;
}

/** @throws UserError where the palette lies outside of the file */
export function tgaHeader(file: Buffer): TgaHeader {
  const [idLength = 0, paletteType = 0, type = 0, descriptor = 0] = [file[0], file[1], file[2], file[17]];
  const [first, length, paletteBits = 0] = [file.readUInt16LE(3), file.readUInt16LE(5), file[7]];
  const at = HEADER_BYTES + idLength;
  const pixelsAt = at + (paletteType === 1 ? length * Math.ceil(paletteBits / 8) : 0);
  if (pixelsAt > file.length) throw new UserError('truncated TGA');
  return {
    ...{ isIndexed: (type & 7) === 1, isGrey: (type & 7) === 3, hasRunLengths: (type & RUN_LENGTHS) !== 0 },
    ...{ width: file.readUInt16LE(12), height: file.readUInt16LE(14), bits: file[16] ?? 0 },
    ...{ alphaBits: descriptor & 15, isTopDown: (descriptor & 32) !== 0, isRightToLeft: (descriptor & 16) !== 0 },
    ...{ palette: { at, first, length, bits: paletteBits }, pixelsAt },
  };
}

/** @throws UserError where the pixels are truncated */
export function decodeTga(file: Buffer, header: TgaHeader): Raster {
  const { width, height, bits, isTopDown, isRightToLeft } = header;
  const bytes = Math.ceil(bits / 8);
  const pixels = header.hasRunLengths ? unpack(file, header, bytes) : file.subarray(header.pixelsAt);
  if (pixels.length < width * height * bytes) throw new UserError('truncated TGA');
  const colourAt = colourReader(file, header, pixels);
  const data = new Uint8Array(width * height * 4);
  for (let y = 0, from = 0; y < height; y++) {
    const row = isTopDown ? y : height - 1 - y;
    for (let x = 0; x < width; x++, from += bytes) {
      const rgba = colourAt(from);
      const to = 4 * (row * width + (isRightToLeft ? width - 1 - x : x));
      data[to] = rgba & 255;
      data[to + 1] = (rgba >> 8) & 255;
      data[to + 2] = (rgba >> 16) & 255;
      data[to + 3] = rgba >>> 24;
    }
  }
  // Some writers declare alpha and leave it empty.
  let isEmpty = true;
  for (let at = 3; at < data.length && isEmpty; at += 4) isEmpty = data[at] === 0;
  if (isEmpty) for (let at = 3; at < data.length; at += 4) data[at] = 255;
  return { data, width, height, channels: 4 };
}

/** Expands the run lengths. A packet may continue in the next row. */
function unpack(file: Buffer, { width, height, pixelsAt }: TgaHeader, bytes: number): Buffer {
  if (width * height > LONGEST_PACKET * file.length) throw new UserError('truncated TGA');
  const pixels = Buffer.alloc(width * height * bytes);
  for (let at = pixelsAt, to = 0; to < pixels.length;) {
    const count = file[at++];
    if (count === undefined) throw new UserError('truncated TGA');
    const length = ((count & 127) + 1) * bytes;
    const isRun = count >= 128;
    const source = file.subarray(at, at + (isRun ? bytes : length));
    if (source.length < Math.min(isRun ? bytes : length, pixels.length - to)) throw new UserError('truncated TGA');
    if (isRun) pixels.fill(source, to, Math.min(pixels.length, to + length));
    else source.copy(pixels, to);
    at += source.length;
    to += length;
  }
  return pixels;
}

/** @returns a function from the offset of a pixel to its colour: red in the lowest byte, alpha in the highest */
function colourReader(file: Buffer, header: TgaHeader, pixels: Buffer): (at: number) => number {
  const { isIndexed, isGrey, bits, alphaBits, palette } = header;
  const byteAt = (at: number): number => pixels[at] ?? 0;
  if (isGrey) return (at) => byteAt(at) * 0x010101 + (bits === 16 ? byteAt(at + 1) : 255) * 2 ** 24;
  if (!isIndexed) return (at) => colourOf(pixels, at, bits, alphaBits > 0);
  const entryBytes = Math.ceil(palette.bits / 8);
  return (at) => {
    const index = byteAt(at) + (bits === 16 ? byteAt(at + 1) * 256 : 0) - palette.first;
    const isKnown = index >= 0 && index < palette.length;
    return isKnown ? colourOf(file, palette.at + index * entryBytes, palette.bits, palette.bits === 32) : 0;
  };
}

/** Colours are stored as blue, green, red, alpha, or in 5 bits each. */
function colourOf(bytes: Buffer, at: number, bits: number, hasAlpha: boolean): number {
  const [first = 0, second = 0, third = 0, fourth = 0] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
  if (bits > 16) return third + second * 2 ** 8 + first * 2 ** 16 + (bits === 32 && hasAlpha ? fourth : 255) * 2 ** 24;
  const value = first + second * 256;
  const channel = (shift: number): number => Math.round((((value >> shift) & 31) * 255) / 31);
  const alpha = hasAlpha && bits === 16 && value < 0x8000 ? 0 : 255;
  return channel(10) + channel(5) * 2 ** 8 + channel(0) * 2 ** 16 + alpha * 2 ** 24;
}
