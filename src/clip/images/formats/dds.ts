import { decodeDds, readDdsHeader } from './dds/ddsFile.ts';
import type { ImageFormat } from './imageFormat.ts';
import { hasSignature } from './signature.ts';

export const dds: ImageFormat = {
  id: 'dds',
  name: 'DDS',
  extensions: ['dds'],
  sniff: (file) => hasSignature(file, 'DDS \x7c\0\0\0'),
  open(file) {
    const header = readDdsHeader(file);
    const { width, height } = header;
    return { kind: 'raster', width, height, details: { alpha: true, bits: 8 }, decode: () => decodeDds(file, header) };
  },
  // The decoder detects it itself.
  isTruncated: () => false,
};
