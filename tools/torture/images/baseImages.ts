import sharp from 'sharp';
import { drawing } from '../../shared/drawing.ts';
import { randomValues } from '../../shared/random.ts';
import type { Random } from '../random.ts';

/** The formats of the corpus: all formats that AssetLens supports. */
export const FORMATS = ['png', 'jpg', 'webp', 'gif', 'avif', 'tiff', 'bmp', 'ico', 'svg'] as const;
export type Format = (typeof FORMATS)[number];

/** A valid image whose pixels depend on its number. */
export async function baseImage(format: Format, number: number): Promise<Buffer> {
  const [width, height] = [24 + (number % 41), 24 + (number % 37)];
  const pixels = noise(width, height, number);
  const image = sharp(pixels, { raw: { width, height, channels: 3 } });
  switch (format) {
    case 'png':
      return image.png({ progressive: number % 2 === 1 }).toBuffer();
    case 'jpg':
      return image.jpeg({ progressive: number % 2 === 1 }).toBuffer();
    case 'webp':
      return image.webp({ lossless: number % 2 === 1 }).toBuffer();
    case 'gif':
      return image.gif().toBuffer();
    case 'avif':
      return image.avif({ effort: 0 }).toBuffer();
    case 'tiff':
      return image.tiff({ compression: number % 2 === 1 ? 'lzw' : 'deflate' }).toBuffer();
    case 'bmp':
      return bitmap(width, height, pixels);
    case 'ico':
      return icon(await image.png().toBuffer(), width, height);
    case 'svg':
      return Buffer.from(drawing(number));
  }
}

/** A valid image of any format. */
export async function anyImage(random: Random): Promise<{ readonly format: Format; readonly bytes: Buffer }> {
  const format = random.pick(FORMATS);
  return { format, bytes: await baseImage(format, random.below(10_000)) };
}

function noise(width: number, height: number, seed: number): Uint8Array {
  return Uint8Array.from(
    randomValues(width * height * 3, 30, seed),
    (value, at) => 128 + value / 2 + 60 * Math.sin(at / (7 * (seed % 23) + 2)),
  );
}

/** A BMP of 24 bits per pixel. */
function bitmap(width: number, height: number, pixels: Uint8Array): Buffer {
  const row = Math.ceil((width * 3) / 4) * 4;
  const file = Buffer.alloc(54 + row * height);
  file.write('BM');
  file.writeUInt32LE(file.length, 2);
  file.writeUInt32LE(54, 10);
  file.writeUInt32LE(40, 14);
  file.writeInt32LE(width, 18);
  file.writeInt32LE(height, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(24, 28);
  for (let y = 0; y < height; y++) file.set(pixels.subarray(y * width * 3, (y + 1) * width * 3), 54 + y * row);
  return file;
}

/** An icon of one picture. */
export function icon(png: Buffer, width: number, height: number, entries = 1): Buffer {
  const header = Buffer.alloc(6 + 16 * entries);
  header.writeUInt16LE(1, 2);
  header.writeUInt16LE(entries, 4);
  for (let i = 0; i < entries; i++) {
    const at = 6 + 16 * i;
    header.set([width & 255, height & 255, 0, 0, 1, 0, 32, 0], at);
    header.writeUInt32LE(png.length, at + 8);
    header.writeUInt32LE(header.length, at + 12);
  }
  return Buffer.concat([header, png]);
}
