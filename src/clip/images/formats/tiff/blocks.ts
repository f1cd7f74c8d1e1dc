import { TAG, type TiffDirectory } from './directory.ts';

/** The strips or tiles of the first page of a TIFF. */
export interface Blocks {
  readonly count: number;
  /** Bytes of the pixels of one block; the last strips may have fewer rows. */
  readonly bytes: number;
  /** Tag of the positions in the file. */
  readonly offsetsTag: number;
  /** Tag of the encoded bytes. */
  readonly bytesTag: number;
}

export function blocksOf(tiff: TiffDirectory): Blocks {
  const isTiled = tiff.has(TAG.tileOffsets);
  const height = tiff.number(TAG.height, 1);
  const blockWidth = isTiled ? tiff.number(TAG.tileWidth, 1) : tiff.number(TAG.width, 1);
  const rows = isTiled ? tiff.number(TAG.tileLength, 1) : Math.min(height, tiff.number(TAG.rowsPerStrip, height));
  const across = isTiled ? Math.ceil(tiff.number(TAG.width, 1) / Math.max(1, blockWidth)) : 1;
  return {
    count: planesOf(tiff) * across * Math.ceil(height / Math.max(1, rows)),
    bytes: Math.max(1, rows * rowBytes(tiff, blockWidth)),
    offsetsTag: isTiled ? TAG.tileOffsets : TAG.stripOffsets,
    bytesTag: isTiled ? TAG.tileBytes : TAG.stripBytes,
  };
}

/** Whether a strip or tile ends behind the end of the file. libtiff only warns about that, and leaves it out. */
export function lacksPixels(tiff: TiffDirectory): boolean {
  const { count, offsetsTag, bytesTag } = blocksOf(tiff);
  const lengths = tiff.numbers(bytesTag, count);
  return tiff.numbers(offsetsTag, count).some((offset, i) => offset + (lengths[i] ?? 0) > tiff.file.length);
}

function planesOf(tiff: TiffDirectory): number {
  return tiff.number(TAG.planar, 1) === 2 ? tiff.number(TAG.samples, 1) : 1;
}

function rowBytes(tiff: TiffDirectory, width: number): number {
  return Math.ceil((width * (tiff.number(TAG.samples, 1) / planesOf(tiff)) * tiff.number(TAG.bits, 1)) / 8);
}
