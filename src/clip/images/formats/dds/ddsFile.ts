/** DirectDraw surfaces ("Programming Guide for DDS", Microsoft). The largest picture of the first layer is read. */
import { UserError } from '../../../../base/userError.ts';
import type { Raster } from '../../raster.ts';
import { BLOCK_FORMATS, decodeBlocks, type BlockFormat } from './blocks.ts';

const HEADER_BYTES = 128;
const EXTENDED_HEADER_BYTES = 148;
/** Flags of the pixel format. */
const [ALPHA_PIXELS, ALPHA_ONLY, FOUR_CC, RGB, LUMINANCE] = [0x1, 0x2, 0x4, 0x40, 0x20000];

/** Bits of each channel in a pixel that is not compressed. An alpha mask of 0 means opaque. */
interface Masks {
  readonly bits: number;
  readonly masks: readonly [red: number, green: number, blue: number, alpha: number];
}

export interface DdsHeader {
  readonly width: number;
  readonly height: number;
  readonly pixelsAt: number;
  readonly format: BlockFormat | Masks;
}

const FOUR_CCS: Readonly<Record<string, keyof typeof BLOCK_FORMATS>> = {
  ...{ DXT1: 'bc1', DXT2: 'bc2', DXT3: 'bc2', DXT4: 'bc3', DXT5: 'bc3' },
  ...{ ATI1: 'bc4', BC4U: 'bc4', ATI2: 'bc5', BC5U: 'bc5' },
};
/** Values of DXGI_FORMAT: typeless, linear and sRGB. */
const DXGI_BLOCKS: readonly (readonly [first: number, last: number, format: keyof typeof BLOCK_FORMATS])[] = [
  [70, 72, 'bc1'],
  [73, 75, 'bc2'],
  [76, 78, 'bc3'],
  [79, 80, 'bc4'],
  [82, 83, 'bc5'],
];
const RGBA: Masks = { bits: 32, masks: [0xff, 0xff00, 0xff0000, 0xff000000] };
const BGRA: Masks = { bits: 32, masks: [0xff0000, 0xff00, 0xff, 0xff000000] };
const DXGI_MASKS: Readonly<Record<number, Masks>> = {
  ...{ 27: RGBA, 28: RGBA, 29: RGBA, 87: BGRA, 90: BGRA, 91: BGRA },
  88: { bits: 32, masks: [0xff0000, 0xff00, 0xff, 0] },
  61: { bits: 8, masks: [0xff, 0xff, 0xff, 0] },
};

/** @throws UserError where the header is truncated or the pixel format is not supported */
export function readDdsHeader(file: Buffer): DdsHeader {
  if (file.length < HEADER_BYTES) throw new UserError('truncated DDS');
  const [height, width] = [file.readUInt32LE(12), file.readUInt32LE(16)];
  if (width === 0 || height === 0) throw new UserError('DDS without a usable size');
  const isExtended = (file.readUInt32LE(80) & FOUR_CC) !== 0 && file.toString('latin1', 84, 88) === 'DX10';
  const pixelsAt = isExtended ? EXTENDED_HEADER_BYTES : HEADER_BYTES;
  if (file.length < pixelsAt) throw new UserError('truncated DDS');
  return { width, height, pixelsAt, format: isExtended ? dxgiFormat(file.readUInt32LE(128)) : pixelFormat(file) };
}

function dxgiFormat(code: number): DdsHeader['format'] {
  const blocks = DXGI_BLOCKS.find(([first, last]) => code >= first && code <= last);
  const format = blocks ? BLOCK_FORMATS[blocks[2]] : DXGI_MASKS[code];
  const name = code >= 94 && code <= 96 ? 'BC6H' : code >= 97 && code <= 99 ? 'BC7' : `DXGI ${code}`;
  if (!format) throw new UserError(`DDS with an unsupported pixel format (${name})`);
  return format;
}

function pixelFormat(file: Buffer): DdsHeader['format'] {
  const flags = file.readUInt32LE(80);
  if ((flags & FOUR_CC) !== 0) {
    const name = file.toString('latin1', 84, 88);
    const known = FOUR_CCS[name];
    if (known) return BLOCK_FORMATS[known];
    throw new UserError(
      `DDS with an unsupported pixel format (${/^[\w ]+$/.test(name) ? name : file.readUInt32LE(84)})`,
    );
  }
  const bits = file.readUInt32LE(88);
  const mask = (at: number): number => file.readUInt32LE(at);
  const alpha = (flags & (ALPHA_PIXELS | ALPHA_ONLY)) !== 0 ? mask(104) : 0;
  if (![8, 16, 24, 32].includes(bits)) throw new UserError(`DDS with an unsupported pixel format (${bits} bits)`);
  if ((flags & RGB) !== 0) return { bits, masks: [mask(92), mask(96), mask(100), alpha] };
  if ((flags & LUMINANCE) !== 0) {
    // Pillow writes a mask for 8 bits that lies outside of them.
    const grey = bits === 8 && alpha === 0 ? 0xff : mask(92);
    return { bits, masks: [grey, grey, grey, alpha] };
  }
  if ((flags & ALPHA_ONLY) !== 0) return { bits, masks: [0, 0, 0, alpha] };
  throw new UserError('DDS with an unsupported pixel format');
}

/** @throws UserError where the pixels are truncated */
export function decodeDds(file: Buffer, { width, height, pixelsAt, format }: DdsHeader): Raster {
  const pixels = file.subarray(pixelsAt);
  if ('decode' in format) {
    const blocks = Math.ceil(width / 4) * Math.ceil(height / 4);
    if (pixels.length < blocks * format.bytes) throw new UserError('truncated DDS');
    return { data: decodeBlocks(pixels, width, height, format), width, height, channels: 4 };
  }
  if (pixels.length < (width * height * format.bits) / 8) throw new UserError('truncated DDS');
  return { data: applyMasks(pixels, width * height, format), width, height, channels: 4 };
}

function applyMasks(pixels: Buffer, count: number, { bits, masks }: Masks): Uint8Array {
  const bytes = bits / 8;
  const channels = masks.map((mask, i) => {
    const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask);
    return { mask, shift, highest: mask >>> shift || 1, missing: i === 3 && mask === 0 ? 255 : 0 };
  });
  const data = new Uint8Array(count * 4);
  for (let i = 0, to = 0; i < count; i++) {
    const value = pixels.readUIntLE(i * bytes, bytes);
    for (const { mask, shift, highest, missing } of channels) {
      data[to++] = mask === 0 ? missing : Math.round((((value & mask) >>> shift) * 255) / highest);
    }
  }
  return data;
}
