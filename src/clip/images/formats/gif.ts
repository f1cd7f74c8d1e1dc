import type { ImageFormat, PixelHeader } from './imageFormat.ts';
import { hasSignature } from './signature.ts';

export const gif: ImageFormat = {
  id: 'gif',
  name: 'GIF',
  extensions: ['gif'],
  sniff: (file) => hasSignature(file, 'GIF87a') || hasSignature(file, 'GIF89a'),
  open: (bytes) => ({ kind: 'encoded', bytes, isAnimation: true, wholeBytes }),
  isTruncated: (_, message) => /unexpected end/i.test(message),
};

/** The canvas in RGBA; an animation needs a second one. A frame is decoded after all frames before it. */
function wholeBytes({ width, height, frames }: PixelHeader): number {
  return width * height * (frames > 1 ? 9 : 4.6);
}
