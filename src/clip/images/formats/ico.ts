import { bestIconEntry, readIconEntries } from './bitmap/iconEntries.ts';
import { decodeIconBitmap } from './bitmap/iconBitmap.ts';
import type { ImageFormat } from './imageFormat.ts';
import { pngWholeBytes } from './png.ts';

const FILE_HEADER = 6;
const ENTRY = 16;
const TYPES: readonly number[] = [1, 2]; // icon, cursor

export const ico: ImageFormat = {
  id: 'ico',
  name: 'ICO',
  extensions: ['ico', 'cur'],
  sniff: isIcon,
  open(file, { size }) {
    const entries = readIconEntries(file);
    const { kind, bytes, width, height } = bestIconEntry(entries, size);
    const largest = bestIconEntry(entries, Infinity);
    const shown = { width: largest.width, height: largest.height };
    if (kind === 'png') return { kind: 'encoded', bytes, shown, wholeBytes: pngWholeBytes };
    return { kind: 'raster', width, height, shown, decode: () => decodeIconBitmap(bytes) };
  },
  details(file) {
    const icons = readIconEntries(file).map(({ width, height, bitsPerPixel: bits }) => ({ width, height, bits }));
    return { alpha: true, icons: icons.sort((a, b) => b.width - a.width || b.bits - a.bits) };
  },
  isTruncated: (_, message) => /premature end|read error/i.test(message),
};

/** The signature of icons and cursors is short and common, so the first entry has to be plausible as well. */
function isIcon(file: Buffer): boolean {
  if (file.length < FILE_HEADER + ENTRY || file.readUInt16LE(0) !== 0) return false;
  const count = file.readUInt16LE(4);
  const firstData = file.readUInt32LE(18);
  return TYPES.includes(file.readUInt16LE(2)) && count > 0 && file[9] === 0 && firstData >= FILE_HEADER + ENTRY * count;
}
