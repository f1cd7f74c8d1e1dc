import type { ImageFormat } from './imageFormat.ts';
import { composite } from './psd/composite.ts';
import { readPsd } from './psd/psdFile.ts';
import { hasSignature } from './signature.ts';

export const psd: ImageFormat = {
  id: 'psd',
  name: 'PSD',
  extensions: ['psd', 'psb'],
  sniff: (file) => hasSignature(file, '8BPS\0\x01') || hasSignature(file, '8BPS\0\x02'),
  open(file) {
    const parts = readPsd(file);
    return { kind: 'encoded', bytes: composite(parts), onWhite: parts.hasTransparency };
  },
  // The reader of the sections detects it itself.
  isTruncated: () => false,
};
