import type { ImageFormat } from './imageFormat.ts';

export const tiff: ImageFormat = {
  id: 'tiff',
  name: 'TIFF',
  extensions: ['tif', 'tiff'],
  // In either byte order, with offsets of 32 bits or of 64 bits (BigTIFF).
  sniff: (file) => /^(?:II[*+]\0|MM\0[*+])/.test(file.toString('latin1', 0, 4)),
  open: (bytes) => ({ kind: 'encoded', bytes }),
  isTruncated(file) {
    // Most writers put the directory behind the pixels.
    if (file.length < 8) return true;
    const directory = file[0] === 0x49 ? file.readUInt32LE(4) : file.readUInt32BE(4);
    return directory + 2 > file.length;
  },
};
