import assert from 'node:assert/strict';
import { crc32, deflateSync } from 'node:zlib';
import sharp, { type PngOptions, type Sharp } from 'sharp';
import { decodeSmallPng } from '../../../../../../src/clip/images/formats/png/smallPng.ts';

const drawing = (width: number, height: number): Sharp =>
  sharp(
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 10 10" preserveAspectRatio="none">
        <linearGradient id="g"><stop stop-color="#e11d2e"/><stop offset="1" stop-color="#1f4fd8" stop-opacity=".2"/></linearGradient>
        <path d="M1 1h8v4h-8z" fill="url(#g)"/><circle cx="5" cy="7" r="2" fill="#5a3"/></svg>`,
    ),
  );
const onWhite = (picture: Sharp): Sharp => picture.flatten({ background: '#fff' });

/** Writes a PNG with other chunks directly behind IHDR. */
function withChunks(png: Buffer, ...chunks: readonly (readonly [name: string, data: Buffer])[]): Buffer {
  const parts = chunks.map(([name, data]) => {
    const chunk = Buffer.alloc(12 + data.length);
    chunk.writeUInt32BE(data.length, 0);
    chunk.write(name, 4, 'latin1');
    data.copy(chunk, 8);
    chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + data.length)), 8 + data.length);
    return chunk;
  });
  return Buffer.concat([png.subarray(0, 33), ...parts, png.subarray(33)]);
}

/** A PNG of 8 bits a sample from its parts. */
function pngOf(width: number, height: number, colourType: number, data: Buffer, ...chunks: [string, Buffer][]): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  header[9] = colourType;
  const start = withChunks(Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(25)]), [
    'IHDR',
    header,
  ]);
  const signature = start.subarray(0, 8);
  const headerChunk = start.subarray(33);
  return withChunks(Buffer.concat([signature, headerChunk]), ...chunks, ['IDAT', data], ['IEND', Buffer.alloc(0)]);
}

async function assertEqualsSharp(png: Buffer): Promise<void> {
  const decoded = decodeSmallPng(png);
  assert.ok(decoded, 'sharp has to decode it');
  const { data, info } = await sharp(png).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  assert.deepEqual([decoded.width, decoded.height, decoded.channels], [info.width, info.height, info.channels]);
  assert.equal(Buffer.compare(decoded.data, data), 0);
}

describe('The decoder of small PNG', () => {
  const forms: Readonly<Record<string, (picture: Sharp) => Sharp>> = {
    RGBA: (picture) => picture,
    RGB: onWhite,
    grey: (picture) => onWhite(picture).toColourspace('b-w'),
    'grey with alpha': (picture) => picture.toColourspace('b-w'),
  };
  for (const [name, form] of Object.entries(forms)) {
    it(`decodes ${name} as sharp does`, async () => {
      for (const [width, height] of [
        [1, 1],
        [16, 16],
        [33, 7],
        [128, 128],
      ] as const) {
        for (const options of [{}, { adaptiveFiltering: true }] satisfies PngOptions[]) {
          await assertEqualsSharp(await form(drawing(width, height)).png(options).toBuffer());
        }
      }
    });
  }

  it('decodes palettes of all depths as sharp does, with and without alpha', async () => {
    for (const colours of [2, 4, 16, 200]) {
      for (const picture of [drawing(37, 21), onWhite(drawing(37, 21))]) {
        await assertEqualsSharp(await picture.png({ palette: true, colours, dither: 0 }).toBuffer());
      }
    }
  });

  it('decodes the filters of rows as sharp does', async () => {
    const [width, height] = [9, 10];
    const rows = Buffer.alloc((1 + 4 * width) * height, 0);
    for (let i = 0; i < rows.length; i++)
      rows[i] = i % (1 + 4 * width) === 0 ? (i / (1 + 4 * width)) % 5 : (i * 37) & 255;
    await assertEqualsSharp(pngOf(width, height, 6, deflateSync(rows)));
  });

  it('ignores the chunks that sharp ignores', async () => {
    const gamma = Buffer.alloc(4);
    gamma.writeUInt32BE(100_000);
    const png = await drawing(20, 20).png().toBuffer();
    await assertEqualsSharp(withChunks(png, ['gAMA', gamma], ['tEXt', Buffer.from('Title\0icon')]));
  });

  it('leaves all others to sharp', async () => {
    const others: Readonly<Record<string, Promise<Buffer>>> = {
      large: drawing(129, 128).png().toBuffer(),
      interlaced: drawing(20, 20).png({ progressive: true }).toBuffer(),
      '16 bits': drawing(20, 20).toColourspace('rgb16').png().toBuffer(),
      'a colour profile': drawing(20, 20).withIccProfile('p3').png().toBuffer(),
      'an orientation': drawing(20, 20).withMetadata({ orientation: 6 }).png().toBuffer(),
    };
    for (const [name, png] of Object.entries(others)) assert.equal(decodeSmallPng(await png), null, name);
  });

  it('leaves damaged files to sharp, which reports the reason', async () => {
    const png = await drawing(40, 40).png().toBuffer();
    for (let at = 8; at < png.length; at += 3) {
      const damaged = Buffer.from(png);
      damaged[at] = (damaged[at] ?? 0) ^ 0x55;
      assert.equal(decodeSmallPng(damaged), null, `byte ${at}`);
      assert.equal(decodeSmallPng(png.subarray(0, at)), null, `${at} bytes`);
    }
  });

  it('stops at pixels that the header does not announce, and at indexes without a colour', () => {
    const bomb = deflateSync(Buffer.alloc(50_000_000));
    assert.equal(decodeSmallPng(pngOf(8, 8, 6, bomb)), null);
    assert.equal(decodeSmallPng(pngOf(8, 8, 6, deflateSync(Buffer.alloc(20)))), null);
    const row = deflateSync(Buffer.from([0, 0, 1]));
    assert.ok(decodeSmallPng(pngOf(2, 1, 3, row, ['PLTE', Buffer.from([1, 2, 3, 4, 5, 6])])));
    assert.equal(decodeSmallPng(pngOf(2, 1, 3, row, ['PLTE', Buffer.from([1, 2, 3])])), null);
  });
});
