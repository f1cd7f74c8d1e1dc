import { UserError } from '../../../../base/userError.ts';
import { isPng } from '../png.ts';
import { readIconBitmapHeader } from './iconBitmap.ts';

/** One picture of an icon or cursor file. */
export interface IconEntry {
  readonly width: number;
  readonly height: number;
  readonly bitsPerPixel: number;
  /** A whole PNG file, or a bitmap without its file header. */
  readonly bytes: Buffer;
  readonly kind: 'png' | 'bitmap';
}

/**
 * Reads the entries of an ICO or CUR file whose pictures lie within the file.
 * @throws UserError where there is none
 */
export function readIconEntries(file: Buffer): IconEntry[] {
  const count = file.readUInt16LE(4);
  const entries: IconEntry[] = [];
  for (let offset = 6; offset + 16 <= file.length && offset < 6 + 16 * count; offset += 16) {
    const length = file.readUInt32LE(offset + 8);
    const start = file.readUInt32LE(offset + 12);
    const data = file.subarray(start, start + length);
    if (data.length === length && length > 24) entries.push(readEntry(data));
  }
  if (entries.length === 0) throw new UserError(count === 0 ? 'ICO without a picture' : 'truncated ICO');
  return entries;
}

/** The sizes in the directory have one byte each and are often wrong. The header of the picture has the right ones. */
function readEntry(data: Buffer): IconEntry {
  if (isPng(data)) {
    return { width: data.readUInt32BE(16), height: data.readUInt32BE(20), bitsPerPixel: 32, bytes: data, kind: 'png' };
  }
  const { width, height, bitsPerPixel } = readIconBitmapHeader(data);
  return { width, height, bitsPerPixel, bytes: data, kind: 'bitmap' };
}

/**
 * Chooses the picture to show at a size: the smallest one that is at least as large, else the largest one. Among
 * pictures of the same size, the one with the most colours.
 */
export function bestIconEntry<Entry extends Pick<IconEntry, 'width' | 'height' | 'bitsPerPixel'>>(
  entries: readonly Entry[],
  size: number,
): Entry {
  const side = ({ width, height }: Entry): number => Math.max(width, height);
  return entries.reduce((best, entry) => {
    if (side(entry) === side(best)) return entry.bitsPerPixel > best.bitsPerPixel ? entry : best;
    const isSmaller = side(entry) < side(best);
    return isSmaller === Math.min(side(entry), side(best)) >= size ? entry : best;
  });
}
