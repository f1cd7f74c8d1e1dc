import { UserError } from '../../../base/userError.ts';
import type { ImageFormat, Size } from './imageFormat.ts';
import { END, readJpeg } from './jpeg/jpegStructure.ts';
import { hasSignature } from './signature.ts';

/** A coefficient has 2 bytes, and the sides of each component are rounded up to blocks. */
const COEFFICIENT_BYTES = 2.1;

export const jpeg: ImageFormat = {
  id: 'jpeg',
  name: 'JPEG',
  extensions: ['jpg', 'jpeg', 'jpe', 'jfif'],
  isPhotographic: true,
  sniff: (file) => hasSignature(file, '\xff\xd8\xff'),
  open(file) {
    const { end, heldCoefficients } = readJpeg(file);
    const wholeBytes = ({ width, height }: Size): number => COEFFICIENT_BYTES * heldCoefficients * width * height;
    switch (end) {
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
