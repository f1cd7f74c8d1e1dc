import type { ImageFormat } from './imageFormat.ts';
import { pngWholeBytes } from './png.ts';
import { isZipOf, findMergedImage } from './zip/mergedImage.ts';

export const kra: ImageFormat = {
  id: 'kra',
  name: 'Krita',
  extensions: ['kra'],
  sniff: (file) => isZipOf(file, 'application/x-krita'),
  async open(file, { limits }) {
    const bytes = await findMergedImage(file, 'Krita', limits.bytes);
    return { kind: 'encoded', bytes, wholeBytes: pngWholeBytes };
  },
  // The reader of the archive detects it itself.
  isTruncated: () => false,
};
