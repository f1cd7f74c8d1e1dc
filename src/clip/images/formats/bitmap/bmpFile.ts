import { UserError } from '../../../../base/userError.ts';
import type { Raster } from '../../raster.ts';
import { readBitmapHeader, type BitmapHeader } from './header.ts';
import { alphaChannel, decodePixels } from './pixels.ts';

const FILE_HEADER = 14;
const SMALLEST_INFO_HEADER = 12;

/**
 * Reads the header of a BMP file.
 * @throws UserError where the file is truncated or of a variant that is not supported
 */
export function readBmpHeader(file: Buffer): BitmapHeader {
  if (file.length < FILE_HEADER + SMALLEST_INFO_HEADER) throw new UserError('truncated BMP');
  return readBitmapHeader(file.subarray(FILE_HEADER));
}

/**
 * Decodes a BMP file of any depth, with or without run lengths. The decoders on npm read neither run lengths nor 16
 * bits nor top-down rows, and they treat the unused byte of 32 bits as alpha.
 * @throws UserError where the file is truncated or of a variant that is not supported
 */
export function decodeBmp(file: Buffer): Raster {
  const header = readBmpHeader(file);
  const offset = file.readUInt32LE(10);
  // Some writers leave the offset of the pixels empty.
  const pixels = file.subarray(offset >= FILE_HEADER + header.paletteAt ? offset : FILE_HEADER + header.end);
  const raster = decodePixels(file.subarray(FILE_HEADER), header, pixels);
  return alphaChannel(raster) || raster.channels === 3 ? raster : withoutAlpha(raster);
}

function withoutAlpha({ data, width, height }: Raster): Raster {
  return { data: data.filter((_, i) => i % 4 < 3), width, height, channels: 3 };
}
