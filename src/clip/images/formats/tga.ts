import type { ImageFormat } from './imageFormat.ts';
import { decodeTga, isTgaHeader, tgaHeader } from './tga/tgaFile.ts';

const FOOTER = Buffer.from('TRUEVISION-XFILE.\0', 'latin1');

export const tga: ImageFormat = {
  id: 'tga',
  name: 'TGA',
  extensions: ['tga'],
  // Only version 2 has a signature, at the end.
  sniff: (file, name) => isTgaHeader(file) && (file.subarray(-FOOTER.length).equals(FOOTER) || /\.tga$/i.test(name)),
  open(file) {
    const header = tgaHeader(file);
    const { width, height, bits, alphaBits } = header;
    const details = { palette: header.isIndexed, alpha: alphaBits > 0, bits: bits > 16 ? 8 : bits };
    return { kind: 'raster', width, height, details, decode: () => decodeTga(file, header) };
  },
  // The decoder detects it itself.
  isTruncated: () => false,
};
