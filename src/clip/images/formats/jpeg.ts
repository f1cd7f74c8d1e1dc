import type { ImageFormat } from './imageFormat.ts';
import { hasSignature } from './signature.ts';

export const jpeg: ImageFormat = {
  id: 'jpeg',
  name: 'JPEG',
  extensions: ['jpg', 'jpeg', 'jpe', 'jfif'],
  isPhotographic: true,
  sniff: (file) => hasSignature(file, '\xff\xd8\xff'),
  open: (bytes) => ({ kind: 'encoded', bytes }),
  isTruncated: (_, message) => /premature end|no image/i.test(message),
};
