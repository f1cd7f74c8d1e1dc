import { UserError } from '../../../base/userError.ts';
import type { ImageFormat, PixelHeader, Size } from './imageFormat.ts';
import { lacksPixels } from './tiff/blocks.ts';
import { withKnownCompression } from './tiff/compression.ts';
import { TAG, TiffDirectory } from './tiff/directory.ts';

export const tiff: ImageFormat = {
  id: 'tiff',
  name: 'TIFF',
  extensions: ['tif', 'tiff'],
  // In either byte order, with offsets of 32 bits or of 64 bits (BigTIFF).
  sniff: (file) => /^(?:II[*+]\0|MM\0[*+])/.test(file.toString('latin1', 0, 4)),
  open(file, { limits }) {
    const directory = new TiffDirectory(file);
    if (directory.lacksValue(Object.values(TAG)) || lacksPixels(directory)) throw new UserError('truncated TIFF');
    const tile = tileSize(directory);
    const bytes = withKnownCompression(directory, limits);
    return { kind: 'encoded', bytes, wholeBytes: (header) => wholeBytes(header, tile) };
  },
  isTruncated: (file) => new TiffDirectory(file).lacksValue(),
  errorReason: (message) =>
    message.includes('samples out of range') ? 'TIFF with numbers of an unsupported type' : undefined,
};

/** libvips reads no longer tiles. */
const LONGEST_TILE = 8192;

/** Two rows of whole tiles; nothing without tiles, because long strips are read row by row. */
function wholeBytes({ width, channels, bytesPerChannel }: PixelHeader, tile: Size): number {
  if (tile.width === 0) return 0;
  return 2 * Math.ceil(width / tile.width) * tile.width * tile.height * channels * bytesPerChannel;
}

/** Pixels of a tile of the first page; 0 without tiles. */
function tileSize(directory: TiffDirectory): Size {
  const [width, height] = [directory.number(TAG.tileWidth, 0), directory.number(TAG.tileLength, 0)];
  return { width: Math.min(LONGEST_TILE, width), height: Math.min(LONGEST_TILE, height) };
}
