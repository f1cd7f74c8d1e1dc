import { crc32, deflateSync, gzipSync } from 'node:zlib';
import sharp from 'sharp';
import type { Random } from '../random.ts';
import { icon } from './baseImages.ts';

export interface HostileFile {
  /** The end of the file name, with the dot. */
  readonly extension: string;
  readonly bytes: Buffer;
  readonly how: string;
}

type Bomb = (random: Random) => Promise<HostileFile> | HostileFile;

/** Small files that expand: to many pixels, to many bytes, to many frames, or to many pictures. */
const bombs: readonly [Bomb, ...Bomb[]] = [
  (random) => {
    const side = random.between(10_001, 60_000);
    return { extension: '.png', bytes: png(side, side, zeros(1000)), how: `PNG of ${side} × ${side} pixels` };
  },
  (random) => {
    const height = random.between(2000, 9000);
    const data = deflateSync(Buffer.alloc((9000 / 8 + 1) * height), { level: 9 });
    return { extension: '.png', bytes: png(9000, height, data), how: `PNG of 9000 × ${height} pixels in one colour` };
  },
  (random) => ({
    extension: '.png',
    bytes: png(16, 16, zeros(48), [chunk('zTXt', Buffer.concat([Buffer.from('Comment\0\0'), zeros(200_000_000)]))]),
    how: `PNG with a compressed text of 200 MB (${random.below(1000)})`,
  }),
  () => ({
    extension: '.png',
    bytes: png(16, 16, zeros(48), [chunk('iCCP', Buffer.concat([Buffer.from('p\0\0'), zeros(200_000_000)]))]),
    how: 'PNG with a colour profile of 200 MB',
  }),
  () => ({ extension: '.png', bytes: png(16, 16, zeros(100_000_000)), how: 'PNG with 100 MB of pixels for 16 × 16' }),
  () => ({
    extension: '.svgz',
    bytes: gzipSync(
      Buffer.concat([Buffer.from('<svg xmlns="http://www.w3.org/2000/svg">'), Buffer.alloc(200_000_000, 32)]),
    ),
    how: 'gzip of 200 MB of blanks',
  }),
  async (random) => {
    const frames = random.between(500, 3000);
    return { extension: '.gif', bytes: await framesOf(frames, 'gif'), how: `GIF of ${frames} frames` };
  },
  async (random) => {
    const frames = random.between(200, 1000);
    return { extension: '.webp', bytes: await framesOf(frames, 'webp'), how: `WebP of ${frames} frames` };
  },
  async (random) => {
    const bytes = await framesOf(2, 'gif');
    bytes.writeUInt16LE(0xffff, 6);
    bytes.writeUInt16LE(random.between(0xf000, 0xffff), 8);
    return { extension: '.gif', bytes, how: 'GIF with a canvas of 65535 × 65535 pixels' };
  },
  async () => {
    const one = await sharp({ create: { width: 200, height: 200, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    return { extension: '.ico', bytes: icon(one, 200, 200, 4000), how: 'ICO with 4000 entries for one picture' };
  },
  (random) => {
    const side = random.between(4000, 30_000);
    return { extension: '.bmp', bytes: runLengths(side), how: `BMP of ${side} × ${side} pixels of run lengths` };
  },
  async () => {
    const bytes = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'red' } })
      .tiff()
      .toBuffer();
    // The next directory of the last directory is the first one.
    const directory = bytes.readUInt32LE(4);
    bytes.writeUInt32LE(directory, directory + 2 + 12 * bytes.readUInt16LE(directory));
    return { extension: '.tiff', bytes, how: 'TIFF whose directories form a circle' };
  },
  async (random) => {
    const side = random.between(3000, 8000);
    const image = sharp({ create: { width: side, height: side, channels: 3, background: 'blue' } });
    const bytes = await image.jpeg({ progressive: true, quality: 1 }).toBuffer();
    return { extension: '.jpg', bytes, how: `progressive JPEG of ${side} × ${side} pixels` };
  },
  async (random) => {
    const side = random.between(2000, 5000);
    const image = sharp({ create: { width: side, height: side, channels: 3, background: 'blue' } });
    return {
      extension: '.tiff',
      bytes: await image.tiff({ compression: 'deflate' }).toBuffer(),
      how: `TIFF of ${side} × ${side} pixels`,
    };
  },
];

export async function bomb(random: Random): Promise<HostileFile> {
  return random.pick(bombs)(random);
}

/** Compressed zeros. The data is compressed in parts, because a long text of zeros takes long. */
const zeroCache = new Map<number, Buffer>();
function zeros(count: number): Buffer {
  const cached = zeroCache.get(count) ?? deflateSync(Buffer.alloc(count), { level: 1 });
  zeroCache.set(count, cached);
  return cached;
}

function png(width: number, height: number, data: Buffer, before: readonly Buffer[] = []): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([1, 0, 0, 0, 0], 8); // one bit, grey
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    ...before,
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(kind: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(kind), content]);
  const framed = Buffer.alloc(8 + body.length);
  framed.writeUInt32BE(content.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), 4 + body.length);
  return framed;
}

function runLengths(side: number): Buffer {
  const bytes = Buffer.alloc(14 + 40 + 4 * 256 + 2);
  bytes.write('BM');
  bytes.writeUInt32LE(bytes.length - 2, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(side, 18);
  bytes.writeInt32LE(side, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(8, 28);
  bytes.writeUInt32LE(1, 30);
  bytes.set([0, 1], bytes.length - 2);
  return bytes;
}

/** An animation of frames of 8 × 8 pixels. */
async function framesOf(frames: number, format: 'gif' | 'webp'): Promise<Buffer> {
  const pixels = Buffer.alloc(8 * 8 * frames * 3);
  for (let i = 0; i < pixels.length; i++) pixels[i] = (i * 31) % 251;
  const image = sharp(pixels, { raw: { width: 8, height: 8 * frames, channels: 3, pageHeight: 8 } });
  return format === 'gif'
    ? image.gif({ effort: 1, reuse: false }).toBuffer()
    : image.webp({ effort: 0, quality: 10 }).toBuffer();
}
