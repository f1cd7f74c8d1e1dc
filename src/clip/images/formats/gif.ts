import type { ImageFormat } from './imageFormat.ts';
import { hasSignature } from './signature.ts';

export const gif: ImageFormat = {
  id: 'gif',
  name: 'GIF',
  extensions: ['gif'],
  sniff: (file) => hasSignature(file, 'GIF87a') || hasSignature(file, 'GIF89a'),
  open: (bytes) => ({ kind: 'encoded', bytes }),
  isTruncated: (_, message) => /unexpected end/i.test(message),
};
