import type { ImageFormat } from './imageFormat.ts';
import { hasSignature } from './signature.ts';

export const avif: ImageFormat = {
  id: 'avif',
  name: 'AVIF',
  extensions: ['avif'],
  // The brand of images or of image sequences is the major brand of the file or one of the first compatible ones.
  sniff: (file) => hasSignature(file, 'ftyp', 4) && /avi[fs]/.test(file.toString('latin1', 8, 40)),
  open: (bytes) => ({ kind: 'encoded', bytes }),
  isTruncated: (_, message) => /end of file|outside of file|file size too small/i.test(message),
};
