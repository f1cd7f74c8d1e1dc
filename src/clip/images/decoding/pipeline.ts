import { sharp, type Sharp, type SharpOptions } from '../sharp.ts';

/** A truncated image is an error: the visible part alone would get wrong tags. */
const FAIL_ON = 'truncated';

/** A sharp pipeline over encoded bytes or raw pixels, under our own limit of pixels, whose message is for users. */
export function pipeline(bytes: Uint8Array, options: SharpOptions = {}): Sharp {
  return sharp(bytes, { failOn: FAIL_ON, limitInputPixels: false, ...options });
}
