import type { ImageFormat, PixelHeader } from './imageFormat.ts';

export const tiff: ImageFormat = {
  id: 'tiff',
  name: 'TIFF',
  extensions: ['tif', 'tiff'],
  // In either byte order, with offsets of 32 bits or of 64 bits (BigTIFF).
  sniff: (file) => /^(?:II[*+]\0|MM\0[*+])/.test(file.toString('latin1', 0, 4)),
  open: (bytes) => ({ kind: 'encoded', bytes, wholeBytes: (header) => wholeBytes(header, tileLength(bytes)) }),
  isTruncated(file) {
    // Most writers put the directory behind the pixels.
    if (file.length < 8) return true;
    const directory = file[0] === 0x49 ? file.readUInt32LE(4) : file.readUInt32BE(4);
    return directory + 2 > file.length;
  },
};

const TILE_LENGTH = 323;
/** libvips reads no longer tiles. */
const LONGEST_TILE = 8192;

/** Two rows of tiles; nothing without tiles, because long strips are read row by row. */
function wholeBytes({ width, height, channels, bytesPerChannel }: PixelHeader, tile: number): number {
  return 2 * width * channels * bytesPerChannel * Math.min(height, tile);
}

/** Rows of a tile of the first page; 0 without tiles, and the maximum where the directory is of another variant. */
function tileLength(file: Buffer): number {
  if (file.length < 8) return 0;
  const isLittle = file[0] === 0x49;
  const read16 = (at: number): number => (isLittle ? file.readUInt16LE(at) : file.readUInt16BE(at));
  const read32 = (at: number): number => (isLittle ? file.readUInt32LE(at) : file.readUInt32BE(at));
  if (read16(2) !== 42) return LONGEST_TILE;
  const directory = read32(4);
  if (directory + 2 > file.length) return LONGEST_TILE;
  const end = Math.min(file.length, directory + 2 + 12 * read16(directory));
  for (let at = directory + 2; at + 12 <= end; at += 12) {
    if (read16(at) === TILE_LENGTH) return read16(at + 2) === 3 ? read16(at + 8) : read32(at + 8);
  }
  return 0;
}
