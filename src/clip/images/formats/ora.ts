import type { ImageFormat } from './imageFormat.ts';
import { pngWholeBytes } from './png.ts';
import { isZipOf, findMergedImage } from './zip/mergedImage.ts';

export const ora: ImageFormat = {
  id: 'ora',
  name: 'OpenRaster',
  extensions: ['ora'],
  sniff: (file) => isZipOf(file, 'image/openraster'),
  async open(file, { limits }) {
    const bytes = await findMergedImage(file, 'OpenRaster', limits.bytes);
    return { kind: 'encoded', bytes, wholeBytes: pngWholeBytes };
  },
  // The reader of the archive detects it itself.
  isTruncated: () => false,
};
