import type { ImageFormat } from './imageFormat.ts';
import { decodePnm, isPnm, readPnmHeader } from './pnm/pnmFile.ts';

export const pnm: ImageFormat = {
  id: 'pnm',
  name: 'PNM',
  extensions: ['pnm', 'pbm', 'pgm', 'ppm', 'pam'],
  sniff: isPnm,
  open(file) {
    const header = readPnmHeader(file);
    const { width, height, channels, maximum } = header;
    return {
      ...{ kind: 'raster', width, height, decode: () => decodePnm(file, header) },
      details: {
        bits: Math.ceil(Math.log2(maximum + 1)),
        alpha: channels % 2 === 0,
        colours: channels < 3 ? 'grey' : 'rgb',
      },
    };
  },
  // The decoder detects it itself.
  isTruncated: () => false,
};
