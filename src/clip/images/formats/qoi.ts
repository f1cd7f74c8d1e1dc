import { UserError } from '../../../base/userError.ts';
import type { Raster } from '../raster.ts';
import type { ImageFormat } from './imageFormat.ts';
import { hasSignature } from './signature.ts';

const HEADER_BYTES = 14;
/** Pixels of one byte. */
const LONGEST_RUN = 62;

export const qoi: ImageFormat = {
  id: 'qoi',
  name: 'QOI',
  extensions: ['qoi'],
  sniff: (file) => file.length >= HEADER_BYTES && hasSignature(file, 'qoif') && [3, 4].includes(file[12] ?? 0),
  open(file) {
    const [width, height] = [file.readUInt32BE(4), file.readUInt32BE(8)];
    if (width === 0 || height === 0) throw new UserError('QOI without a usable size');
    return {
      ...{ kind: 'raster', width, height, details: { alpha: file[12] === 4, bits: 8 } },
      decode: () => decodeQoi(file, width, height),
    };
  },
  // The decoder detects it itself.
  isTruncated: () => false,
};

/**
 * "The Quite OK Image Format", specification 1.0.
 * @throws UserError where it is truncated
 */
function decodeQoi(file: Buffer, width: number, height: number): Raster {
  if (width * height > LONGEST_RUN * file.length) throw new UserError('truncated QOI');
  const data = new Uint8Array(width * height * 4);
  const seen = new Uint8Array(64 * 4);
  let [r, g, b, a] = [0, 0, 0, 255];
  let at = HEADER_BYTES;
  const next = (): number => {
    const byte = file[at++];
    if (byte === undefined) throw new UserError('truncated QOI');
    return byte;
  };
  for (let to = 0; to < data.length;) {
    const code = next();
    let run = 1;
    if (code >= 0xfe) {
      [r, g, b] = [next(), next(), next()];
      if (code === 0xff) a = next();
    } else if (code < 0x40) {
      [r = 0, g = 0, b = 0, a = 0] = seen.subarray(4 * code, 4 * code + 4);
    } else if (code < 0x80) {
      [r, g, b] = [r + ((code >> 4) & 3) - 2, g + ((code >> 2) & 3) - 2, b + (code & 3) - 2];
    } else if (code < 0xc0) {
      const green = (code & 63) - 32;
      const others = next();
      [r, g, b] = [r + green - 8 + (others >> 4), g + green, b + green - 8 + (others & 15)];
    } else run = (code & 63) + 1;
    [r, g, b] = [r & 255, g & 255, b & 255];
    seen.set([r, g, b, a], 4 * ((r * 3 + g * 5 + b * 7 + a * 11) % 64));
    for (; run > 0 && to < data.length; run--, to += 4) {
      data[to] = r;
      data[to + 1] = g;
      data[to + 2] = b;
      data[to + 3] = a;
    }
  }
  return { data, width, height, channels: 4 };
}
