import { UserError } from '../../../../base/userError.ts';

/** The layout of a Windows bitmap, from its info header (BITMAPCOREHEADER to BITMAPV5HEADER). */
export interface BitmapHeader {
  readonly width: number;
  readonly height: number;
  readonly topDown: boolean;
  readonly bitsPerPixel: number;
  readonly compression: 'none' | 'rle8' | 'rle4';
  /** The bits of each channel within a pixel of 16 or 32 bits. An alpha mask of 0 means opaque. */
  readonly masks: readonly [red: number, green: number, blue: number, alpha: number];
  /** Offset from the start of the header. */
  readonly paletteAt: number;
  readonly paletteEntrySize: 3 | 4;
  readonly paletteLength: number;
  /** Offset behind the header, the masks and the palette. */
  readonly end: number;
}

const DEPTHS = new Set([1, 2, 4, 8, 16, 24, 32]);
const DEFAULT_MASKS_16 = [0x7c00, 0x03e0, 0x001f, 0] as const;
const DEFAULT_MASKS_32 = [0xff0000, 0xff00, 0xff, 0] as const;

/**
 * Reads the info header at the start of the bytes.
 * @throws UserError where the header is truncated or of a variant that is not supported
 */
export function readBitmapHeader(bytes: Buffer): BitmapHeader {
  const size = bytes.length >= 4 ? bytes.readUInt32LE(0) : 0;
  if (size < 12 || bytes.length < size) throw new UserError('truncated BMP');
  const core = size === 12;
  const signedHeight = core ? bytes.readUInt16LE(6) : bytes.readInt32LE(8);
  const bitsPerPixel = bytes.readUInt16LE(core ? 10 : 14);
  const compression = size >= 20 ? bytes.readUInt32LE(16) : 0;
  const width = core ? bytes.readUInt16LE(4) : bytes.readInt32LE(4);
  if (width <= 0 || signedHeight === 0) throw new UserError('BMP without a usable size');
  if (!DEPTHS.has(bitsPerPixel)) throw new UserError(`damaged BMP (${bitsPerPixel} bits per pixel)`);

  const bitfields = compression === 3 || compression === 6;
  // A header of 40 bytes has the masks behind it, a longer one has them within.
  const masksBehindHeader = bitfields && size === 40 ? (compression === 6 ? 16 : 12) : 0;
  const colours = size >= 36 ? bytes.readUInt32LE(32) : 0;
  const paletteAt = size + masksBehindHeader;
  const paletteEntrySize = core ? 3 : 4;
  const paletteLength = bitsPerPixel > 8 ? colours : Math.min(colours || 2 ** bitsPerPixel, 2 ** bitsPerPixel);
  return {
    width,
    height: Math.abs(signedHeight),
    topDown: signedHeight < 0,
    bitsPerPixel,
    compression: compressionOf(compression, bitsPerPixel),
    masks: bitfields ? readMasks(bytes, size, compression) : bitsPerPixel === 16 ? DEFAULT_MASKS_16 : DEFAULT_MASKS_32,
    paletteAt,
    paletteEntrySize,
    paletteLength,
    end: paletteAt + paletteEntrySize * paletteLength,
  };
}

function compressionOf(code: number, bitsPerPixel: number): BitmapHeader['compression'] {
  if (code === 0 || ((code === 3 || code === 6) && (bitsPerPixel === 16 || bitsPerPixel === 32))) return 'none';
  if (code === 1 && bitsPerPixel === 8) return 'rle8';
  if (code === 2 && bitsPerPixel === 4) return 'rle4';
  throw new UserError(`BMP with an unsupported compression (${code}, ${bitsPerPixel} bits per pixel)`);
}

function readMasks(bytes: Buffer, size: number, compression: number): BitmapHeader['masks'] {
  const hasAlpha = compression === 6 || size >= 56;
  if (bytes.length < 40 + (hasAlpha ? 16 : 12)) throw new UserError('truncated BMP');
  const mask = (i: number): number => bytes.readUInt32LE(40 + 4 * i);
  return [mask(0), mask(1), mask(2), hasAlpha ? mask(3) : 0];
}
