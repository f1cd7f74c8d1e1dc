import { decodeRadiance, readRadianceHeader } from './hdr/radianceFile.ts';
import type { ImageFormat } from './imageFormat.ts';

export const hdr: ImageFormat = {
  id: 'hdr',
  name: 'Radiance HDR',
  extensions: ['hdr'],
  sniff: (file) => /^#\?(?:RADIANCE|RGBE)\s/.test(file.toString('latin1', 0, 11)),
  open(file) {
    const header = readRadianceHeader(file);
    const { width, height } = header;
    return {
      kind: 'raster',
      width,
      height,
      details: { bits: 32 },
      wholeBytes: 16 * width * height,
      decode: () => decodeRadiance(file, header),
    };
  },
  // The decoder detects it itself.
  isTruncated: () => false,
};
