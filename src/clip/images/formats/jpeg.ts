import { UserError } from '../../../base/userError.ts';
import type { ImageFormat, PixelHeader } from './imageFormat.ts';
import { END, jpegEnd } from './jpeg/jpegEnd.ts';
import { hasSignature } from './signature.ts';

export const jpeg: ImageFormat = {
  id: 'jpeg',
  name: 'JPEG',
  extensions: ['jpg', 'jpeg', 'jpe', 'jfif'],
  isPhotographic: true,
  sniff: (file) => hasSignature(file, '\xff\xd8\xff'),
  open(file) {
    switch (jpegEnd(file)) {
      case 'marked':
        return { kind: 'encoded', bytes: file, wholeBytes };
      case 'unmarked':
        // With an end marker, a file that lacks nothing else is whole. The decoder warns if more than the last row of
        // blocks is missing.
        return { kind: 'encoded', bytes: Buffer.concat([file, END]), strict: true, wholeBytes };
      case 'missing':
        throw new UserError('truncated JPEG');
    }
  },
  isTruncated: (_, message) => /premature end|no image/i.test(message),
};

/** A progressive JPEG is held as coefficients of 2 bytes, also where it is reduced. */
function wholeBytes({ width, height, channels, chromaSubsampling, isProgressive }: PixelHeader): number {
  if (!isProgressive) return 0;
  const planes = channels === 3 && chromaSubsampling?.startsWith('4:2:0') ? 1.5 : channels;
  return 2.1 * width * height * planes;
}
