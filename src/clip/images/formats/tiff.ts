import type { ImageFormat, PixelHeader } from './imageFormat.ts';
import { withKnownCompression } from './tiff/compression.ts';
import { TAG, TiffDirectory } from './tiff/directory.ts';

export const tiff: ImageFormat = {
  id: 'tiff',
  name: 'TIFF',
  extensions: ['tif', 'tiff'],
  // In either byte order, with offsets of 32 bits or of 64 bits (BigTIFF).
  sniff: (file) => /^(?:II[*+]\0|MM\0[*+])/.test(file.toString('latin1', 0, 4)),
  async open(file, { limits }) {
    const directory = new TiffDirectory(file);
    const tile = tileLength(directory);
    const bytes = await withKnownCompression(directory, limits);
    return { kind: 'encoded', bytes, wholeBytes: (header) => wholeBytes(header, tile) };
  },
  isTruncated(file) {
    // Most writers put the directory behind the pixels.
    if (file.length < 8) return true;
    const directory = file[0] === 0x49 ? file.readUInt32LE(4) : file.readUInt32BE(4);
    return directory + 2 > file.length;
  },
  errorReason: (message) =>
    message.includes('samples out of range') ? 'TIFF with numbers of an unsupported type' : undefined,
};

/** libvips reads no longer tiles. */
const LONGEST_TILE = 8192;

/** Two rows of tiles; nothing without tiles, because long strips are read row by row. */
function wholeBytes({ width, height, channels, bytesPerChannel }: PixelHeader, tile: number): number {
  return 2 * width * channels * bytesPerChannel * Math.min(height, tile);
}

/** Rows of a tile of the first page; 0 without tiles. */
function tileLength(directory: TiffDirectory): number {
  return Math.min(LONGEST_TILE, directory.number(TAG.tileLength, 0));
}
