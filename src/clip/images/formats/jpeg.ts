import type { ImageFormat, PixelHeader } from './imageFormat.ts';
import { hasSignature } from './signature.ts';

export const jpeg: ImageFormat = {
  id: 'jpeg',
  name: 'JPEG',
  extensions: ['jpg', 'jpeg', 'jpe', 'jfif'],
  isPhotographic: true,
  sniff: (file) => hasSignature(file, '\xff\xd8\xff'),
  open(file) {
    if (hasEnd(file)) return { kind: 'encoded', bytes: file, wholeBytes };
    // With an end marker, a file that lacks nothing else is whole. The decoder warns if more
    // than the last row of blocks is missing.
    return { kind: 'encoded', bytes: Buffer.concat([file, END]), strict: true, wholeBytes };
  },
  isTruncated: (_, message) => /premature end|no image/i.test(message),
};

/** The markers of JPEG (ITU-T T.81, table B.1): end of the image, start of a scan. */
const END = Buffer.from([0xff, 0xd9]);
const START_OF_SCAN = 0xda;

/** Whether an end marker follows the first scan. The metadata before it may contain a thumbnail with a marker. */
function hasEnd(file: Buffer): boolean {
  let at = 2;
  while (file[at] === 0xff && file[at + 1] !== START_OF_SCAN && at + 4 <= file.length) {
    // Any number of bytes 0xff may precede a marker.
    at += file[at + 1] === 0xff ? 1 : 2 + file.readUInt16BE(at + 2);
  }
  return file.includes(END, at);
}

/** A progressive JPEG is held as coefficients of 2 bytes, also where it is reduced. */
function wholeBytes({ width, height, channels, chromaSubsampling, isProgressive }: PixelHeader): number {
  if (!isProgressive) return 0;
  const planes = channels === 3 && chromaSubsampling?.startsWith('4:2:0') ? 1.5 : channels;
  return 2.1 * width * height * planes;
}
