import { bestIconEntry } from './bitmap/iconEntries.ts';
import { decodeIcnsRuns, readIcnsEntries } from './icns/icnsFile.ts';
import type { ImageFormat } from './imageFormat.ts';
import { pngWholeBytes } from './png.ts';
import { hasSignature } from './signature.ts';

export const icns: ImageFormat = {
  id: 'icns',
  name: 'ICNS',
  extensions: ['icns'],
  sniff: (file) => hasSignature(file, 'icns') && file.length >= 16,
  open(file, { size }) {
    const entries = readIcnsEntries(file);
    const entry = bestIconEntry(entries, size);
    const { width, height } = bestIconEntry(entries, Infinity);
    const shown = { width, height };
    if (entry.kind === 'png') return { kind: 'encoded', bytes: entry.bytes, shown, wholeBytes: pngWholeBytes };
    return { kind: 'raster', width: entry.width, height: entry.height, shown, decode: () => decodeIcnsRuns(entry) };
  },
  details(file) {
    const icons = readIcnsEntries(file).map(({ width, height, bitsPerPixel: bits }) => ({ width, height, bits }));
    return { alpha: true, icons: icons.sort((a, b) => b.width - a.width || b.bits - a.bits) };
  },
  isTruncated: (_, message) => /premature end|read error/i.test(message),
};
