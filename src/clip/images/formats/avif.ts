import { UserError } from '../../../base/userError.ts';
import type { ImageFormat, PixelHeader } from './imageFormat.ts';
import { hasSignature } from './signature.ts';

export const avif: ImageFormat = {
  id: 'avif',
  name: 'AVIF',
  extensions: ['avif'],
  // The brand of images or of image sequences is the major brand of the file or one of the first compatible ones.
  sniff: (file) => hasSignature(file, 'ftyp', 4) && /avi[fs]/.test(file.toString('latin1', 8, 40)),
  open(file) {
    return { kind: 'encoded', bytes: withImageBrand(file), wholeBytes, details: { frames: frameCount(file) } };
  },
  isTruncated: (file, message) =>
    /end of file|outside of file|file size too small/i.test(message) || lastBoxEnd(file) > file.length,
};

/**
 * An image sequence also contains a still image, its first frame. libvips only recognises it by the brand of images.
 * @throws UserError where it contains none
 */
function withImageBrand(file: Buffer): Buffer {
  if (!hasSignature(file, 'avis', 8)) return file;
  if (!/avif|mif1/.test(file.toString('latin1', 12, Math.min(file.readUInt32BE(0), 200)))) {
    throw new UserError('AVIF sequence without a still image');
  }
  const image = Buffer.from(file);
  image.write('avif', 8, 'latin1');
  return image;
}

/** The position behind the last box of the file (ISO/IEC 14496-12, 4.2), which starts in the file. */
function lastBoxEnd(file: Buffer): number {
  let at = 0;
  while (at + 8 <= file.length) {
    const size = file.readUInt32BE(at);
    if (size === 0) return file.length; // the box ends with the file
    if (size === 1 && at + 16 > file.length) return Infinity;
    at += size === 1 ? Math.max(16, Number(file.readBigUInt64BE(at + 8))) : Math.max(8, size);
  }
  return at === file.length ? at : Infinity;
}

/** Boxes that lead to the sample sizes of a track (ISO/IEC 14496-12). */
const TO_SAMPLE_SIZES = ['moov', 'trak', 'mdia', 'minf', 'stbl', 'stsz'] as const;

/** The frames of the first track; 1 where there is none. */
function frameCount(file: Buffer): number {
  let [start, end] = [0, file.length];
  for (const name of TO_SAMPLE_SIZES) {
    let at = start;
    while (at + 8 <= end && !hasSignature(file, name, at + 4)) at += Math.max(8, file.readUInt32BE(at));
    if (at + 8 > end) return 1;
    [start, end] = [at + 8, Math.min(end, at + file.readUInt32BE(at))];
  }
  return start + 12 <= end ? Math.max(1, file.readUInt32BE(start + 8)) : 1;
}

/**
 * The decoder of AV1 holds its blocks and the planes of the whole image, and libheif converts them to RGB: 16 bytes a
 * pixel with one chroma sample for four pixels, else 20; more with more than 8 bits.
 */
function wholeBytes({ width, height, chromaSubsampling, bits }: PixelHeader): number {
  const bytes = chromaSubsampling === '4:2:0' ? 17 : 20;
  return width * height * (bits > 8 ? 1.5 * bytes : bytes);
}
