import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { crc32, deflateSync, gzipSync } from 'node:zlib';
import { openImage } from '../../../../src/clip/images/decode.ts';
import { UserError } from '../../../../src/base/userError.ts';
import type { ImageInput } from '../../../../src/clip/base/manifest.ts';
import { DECODE_LIMITS, type DecodeLimits } from '../../../../src/clip/images/limits.ts';
import { sharp, type Sharp } from '../../../../src/clip/images/sharp.ts';
import { preprocessImage } from '../../../../src/clip/images/preprocess.ts';

const fixture = (name: string): Buffer =>
  readFileSync(new URL(`../../../parity/fixtures/preprocess/${name}`, import.meta.url));
const input: ImageInput = {
  graph: '',
  size: 32,
  resize: 'longest',
  interpolation: 'area',
  background: [255, 255, 255],
};
const svg = (content: string, attributes = 'width="10" height="10"'): Buffer =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" ${attributes}>${content}</svg>`);
const SQUARE = '<path d="M0 0h99v99H0z" fill="red"/>';

const rejects = (bytes: Uint8Array, reason: RegExp | string, limits: Partial<DecodeLimits> = {}): Promise<void> =>
  assert.rejects(preprocessImage(bytes, input, { limits: { ...DECODE_LIMITS, ...limits } }), (error) => {
    assert.ok(error instanceof UserError, String(error));
    if (typeof reason === 'string') assert.equal(error.message, reason);
    else assert.match(error.message, reason);
    // Reasons are for people: short, and without the words of the libraries below.
    assert.doesNotMatch(error.message, /vips|libpng|glib|buffer|\n/i);
    assert.ok(error.message.length < 100);
    return true;
  });

/** How many of the pixels of the result are red. */
async function redPixels(bytes: Uint8Array): Promise<number> {
  const { pixels } = await preprocessImage(bytes, input);
  let red = 0;
  for (let at = 0; at < pixels.length; at += 3) if ((pixels[at] ?? 0) > 200 && (pixels[at + 1] ?? 255) < 50) red++;
  return red;
}

function png(width: number, height: number, data: Uint8Array): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([1, 0, 0, 0, 0], 8); // one bit, grey
  const chunk = (kind: string, content: Uint8Array): Buffer => {
    const body = Buffer.concat([Buffer.from(kind), content]);
    const framed = Buffer.alloc(8 + body.length);
    framed.writeUInt32BE(content.length, 0);
    framed.set(body, 4);
    framed.writeUInt32BE(crc32(body), 4 + body.length);
    return framed;
  };
  const start = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([start, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', new Uint8Array())]);
}

/** A BMP of one colour in run lengths of 8 bits that ends at once: far smaller than its pixels. */
function runLengths(width: number, height: number): Buffer {
  const bmp = Buffer.alloc(14 + 40 + 4 * 256 + 2);
  bmp.write('BM');
  bmp.writeUInt32LE(bmp.length - 2, 10);
  bmp.writeUInt32LE(40, 14);
  bmp.writeInt32LE(width, 18);
  bmp.writeInt32LE(height, 22);
  bmp.writeUInt16LE(1, 26);
  bmp.writeUInt16LE(8, 28);
  bmp.writeUInt32LE(1, 30);
  bmp.set([0, 1], bmp.length - 2);
  return bmp;
}

describe('bad images', () => {
  const noise = (): Sharp =>
    sharp({
      create: {
        width: 90,
        height: 60,
        channels: 3,
        background: 'red',
        noise: { type: 'gaussian', mean: 128, sigma: 40 },
      },
    });
  const encoders: Readonly<Record<string, (pixels: Sharp) => Sharp>> = {
    PNG: (pixels) => pixels.png(),
    'PNG, interlaced': (pixels) => pixels.png({ progressive: true }),
    JPEG: (pixels) => pixels.jpeg(),
    'JPEG, progressive': (pixels) => pixels.jpeg({ progressive: true }),
    WebP: (pixels) => pixels.webp(),
    GIF: (pixels) => pixels.gif(),
    AVIF: (pixels) => pixels.avif({ effort: 0 }),
    TIFF: (pixels) => pixels.tiff({ compression: 'lzw' }),
  };
  const reasonOf = (name: string): string => `truncated ${name.replace(/,.*/, '')}`;

  for (const [name, encode] of Object.entries(encoders)) {
    it(`are told to be truncated: ${name}`, async () => {
      const whole = await encode(sharp(await noise().png().toBuffer())).toBuffer();
      await preprocessImage(whole, input);
      for (const part of [0.97, 0.5, 0.2])
        await rejects(whole.subarray(0, Math.floor(whole.length * part)), reasonOf(name));
    });
  }

  for (const file of [
    '24-bits.bmp',
    '8-bits.bmp',
    '16-bits.bmp',
    '8-bits-of-run-lengths.bmp',
    '24.ico',
    '8.ico',
    'png.ico',
    'bmp.ico',
  ]) {
    it(`are told to be truncated: ${file}`, async () => {
      const whole = fixture(file);
      await preprocessImage(whole, { ...input, size: 512 });
      const kind = file.endsWith('bmp') ? 'BMP' : 'ICO';
      for (const part of [0.5, 0.1]) {
        const cut = whole.subarray(0, Math.floor(whole.length * part));
        // An icon file that lacks its last pictures still has the first ones.
        if (kind === 'ICO' && file.length > 6)
          await preprocessImage(cut, { ...input, size: 16 }).catch(() => rejects(cut, /truncated/));
        else await rejects(cut, new RegExp(`^truncated ${kind}`));
      }
    });
  }

  it('are told to be truncated: SVG', async () => {
    const whole = svg(SQUARE);
    await rejects(whole.subarray(0, whole.length - 3), 'truncated SVG');
    await rejects(whole.subarray(0, 80), 'truncated SVG');
    const zipped = gzipSync(whole);
    await rejects(zipped.subarray(0, zipped.length - 12), 'truncated SVG (gzip)');
  });

  it('are told to be damaged', async () => {
    const whole = await sharp(await noise().png().toBuffer())
      .png()
      .toBuffer();
    const damaged = Buffer.from(whole);
    damaged.fill(0x5a, 1000, 1100);
    await rejects(damaged, 'damaged PNG');
    await rejects(svg('<g></h>'), /^SVG with an XML error in line 1$/);
  });

  it('are no images at all', async () => {
    await rejects(new Uint8Array(), 'empty file');
    for (const [bytes, found] of [
      [Buffer.from('hello, this is a text'), 'text'],
      [Buffer.from('%PDF-1.7\n%âãÏÓ'), 'PDF'],
      [Buffer.from('PK\x03\x04\x14\0\0\0'), 'ZIP'],
      [Buffer.from('8BPS\0\x01\0\0\0\0'), 'Photoshop'],
      [Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic'), 'HEIC'],
      [Buffer.from('\0\0\0\x18ftypisom\0\0\0\0'), 'video'],
      [Buffer.from('<!DOCTYPE html><html><svg width="1"></svg></html>'), 'HTML'],
      [Buffer.from('<?xml version="1.0"?><plist/>'), 'XML'],
      [Buffer.from([1, 2, 3, 4, 5]), 'unknown data'],
      [Buffer.alloc(64), 'nothing but zeros'],
      [gzipSync('hello'), 'gzip'],
    ] as const) {
      await rejects(bytes, `not an image that AssetLens reads (found: ${found})`);
    }
  });

  it('may be pointers that Git LFS has not replaced yet', async () => {
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 12345\n`;
    await rejects(Buffer.from(pointer), /Git LFS pointer; "git lfs pull" fetches the image/);
  });

  it('have no usable size', async () => {
    await rejects(svg('', ''), 'SVG without a usable size');
    await rejects(svg(SQUARE, 'width="0" height="0"'), 'SVG without a usable size');
    await rejects(svg(SQUARE, 'width="1e9" height="1e9"'), 'SVG without a usable size');
    const bmp = fixture('24-bits.bmp');
    bmp.writeInt32LE(0, 18);
    await rejects(bmp, 'BMP without a usable size');
  });

  it('are over the limit of pixels, told by the header alone', async () => {
    const claims = png(60_000, 60_000, deflateSync(Buffer.alloc(100)));
    await rejects(claims, '60000 × 60000 pixels is over the limit of 100 million');
    const bmp = fixture('24-bits.bmp');
    bmp.writeInt32LE(60_000, 18);
    bmp.writeInt32LE(-60_000, 22);
    await rejects(bmp, '60000 × 60000 pixels is over the limit of 100 million');
    await rejects(await noise().png().toBuffer(), '90 × 60 pixels is over the limit of 0.005 million', {
      pixels: 5000,
    });
  });

  it('are bitmaps of more pixels than are decoded in JavaScript, in a BMP or in an icon', async () => {
    await rejects(runLengths(10_000, 10_000), '10000 × 10000 pixels is over the limit of 25 million for bitmaps');
    const icon = fixture('24.ico');
    const bitmap = icon.readUInt32LE(6 + 12);
    icon.writeInt32LE(10_000, bitmap + 4);
    icon.writeInt32LE(20_000, bitmap + 8);
    await rejects(icon, '10000 × 10000 pixels is over the limit of 25 million for bitmaps');
  });

  it('are bitmaps that wait for their turn before they take memory', async () => {
    const bmp = runLengths(5000, 5000);
    const before = process.memoryUsage().arrayBuffers;
    const open = await Promise.all(Array.from({ length: 8 }, () => openImage(bmp, 32, { limits: DECODE_LIMITS })));
    assert.ok(process.memoryUsage().arrayBuffers - before < 10 * 2 ** 20);
    assert.ok(open.every(({ width }) => width === 5000));
    assert.equal((await preprocessImage(bmp, input)).width, 5000);
  });

  it('are bombs that unpack to far more than they are', async () => {
    const side = 24_000;
    const bomb = png(side, side, deflateSync(Buffer.alloc((side / 8 + 1) * side)));
    assert.ok(bomb.length < 80_000);
    await rejects(bomb, /over the limit/);
    // Within a drawing, too: it is drawn without that picture, or not at all.
    const before = process.memoryUsage.rss();
    await preprocessImage(
      svg(`<image href="data:image/png;base64,${bomb.toString('base64')}" width="9" height="9"/>${SQUARE}`),
      input,
    );
    assert.ok(process.memoryUsage.rss() - before < 300 * 2 ** 20);
    await rejects(gzipSync(Buffer.concat([svg(''), Buffer.alloc(3_000_000, ' ')])), /more than the limit of 1 MB/, {
      bytes: 2 ** 20,
    });
  });

  it('are over the limit of bytes', async () => {
    await rejects(Buffer.alloc(2 ** 20 + 2 ** 19), '1.5 MB is over the limit of 1 MB', { bytes: 2 ** 20 });
  });

  it('are drawings that expand without end', async () => {
    const entities = 'bcdefghijk'
      .split('')
      .map((name, i) => `<!ENTITY ${name} "${`&${'abcdefghij'[i] ?? ''};`.repeat(10)}">`)
      .join('');
    const laughs = `<!DOCTYPE svg [<!ENTITY a "ha">${entities}]><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>&k;</text></svg>`;
    await rejects(Buffer.from(laughs), 'SVG that expands without end');
    await rejects(svg('<g>'.repeat(5000) + '</g>'.repeat(5000)), 'SVG that expands without end');
    assert.ok((await redPixels(svg(`<g id="a"><use href="#a"/>${SQUARE}</g>`))) > 0);
  });

  it('take longer than the limit', async () => {
    const levels = [1, 2, 3, 4].map((i) => `<g id="g${i}">${`<use href="#g${i - 1}"/>`.repeat(12)}</g>`).join('');
    const slow = svg(`<defs><g id="g0">${SQUARE}</g>${levels}</defs><use href="#g4"/>`);
    await rejects(slow, 'decoding took longer than 0.001 s', { milliseconds: 1 });
    assert.ok((await redPixels(svg(SQUARE))) > 0);
  });

  it('are given up when they are no longer wanted', async () => {
    const bytes = await noise().png().toBuffer();
    const reason = new Error('no longer wanted');
    await assert.rejects(preprocessImage(bytes, input, { signal: AbortSignal.abort(reason) }), reason);
    const controller = new AbortController();
    const running = Array.from({ length: 20 }, () => preprocessImage(bytes, input, { signal: controller.signal }));
    controller.abort(reason);
    for (const { status } of await Promise.allSettled(running)) assert.equal(status, 'rejected');
    // The queue goes on with what comes after.
    const after = await Promise.all(Array.from({ length: 20 }, () => preprocessImage(bytes, input)));
    assert.equal(after.length, 20);
  });
});

describe('the format of an image', () => {
  it('is told by its content, whatever its name', async () => {
    for (const [file, format] of [
      ['base.gif', 'gif'],
      ['base.avif', 'avif'],
      ['holes.png', 'png'],
      ['inks.jpg', 'jpeg'],
      ['alpha.webp', 'webp'],
      ['pages.tif', 'tiff'],
      ['4-bits.bmp', 'bmp'],
      ['png.ico', 'ico'],
    ] as const) {
      const image = await openImage(fixture(file), 64, { limits: DECODE_LIMITS });
      assert.equal(image.format, format);
    }
  });

  it('is SVG behind comments, declarations, entities, prefixes and in other encodings', async () => {
    const root = `<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10">${SQUARE}</svg>`;
    const prefixed = root
      .replaceAll('<path', '<s:path')
      .replace('<svg xmlns=', '<s:svg xmlns:s=')
      .replace('</svg', '</s:svg');
    const documents: Readonly<Record<string, Uint8Array>> = {
      plain: Buffer.from(root),
      'byte order mark': Buffer.from(`\ufeff${root}`),
      declaration: Buffer.from(`<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n${root}`),
      'long licence': Buffer.from(`<?xml version="1.0"?>\n<!-- ${'licence '.repeat(10_000)} -->\n${root}`),
      entities: Buffer.from(
        `<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x.dtd" [\n<!ENTITY ns "http://www.w3.org/2000/svg">\n]>${root.replace('http://www.w3.org/2000/svg', '&ns;')}`,
      ),
      prefixed: Buffer.from(prefixed),
      'prefixed, declared': Buffer.from(`<?xml version="1.0"?>${prefixed}`),
      'Latin-1': Buffer.from(`<?xml version="1.0" encoding="ISO-8859-1"?><!-- é -->${root}`, 'latin1'),
      'UTF-16': Buffer.from(`\ufeff<?xml version="1.0" encoding="UTF-16"?>${root}`, 'utf16le'),
      compressed: gzipSync(root),
    };
    for (const [name, bytes] of Object.entries(documents)) {
      assert.equal(await redPixels(bytes), 32 * 32, name);
      const { width, height, format } = await preprocessImage(bytes, input);
      assert.deepEqual({ width, height, format }, { width: 10, height: 10, format: 'svg' }, name);
    }
    await rejects(
      Buffer.from('<?xml version="1.0" encoding="klingon"?><svg/>'),
      'SVG in an encoding that is not read (klingon)',
    );
  });
});

describe('an icon file', () => {
  it('gives the smallest of its pictures that is large enough, and the size of the largest', async () => {
    for (const file of ['png.ico', 'bmp.ico']) {
      for (const [size, width] of [
        [10, 16],
        [16, 16],
        [17, 32],
        [64, 64],
        [100, 128],
        [224, 128],
      ] as const) {
        const image = await openImage(fixture(file), size, { limits: DECODE_LIMITS });
        assert.deepEqual([image.width, image.height], [width, width]);
        assert.deepEqual(image.shown, { width: 128, height: 128 });
      }
    }
  });
});

describe('drawings', () => {
  const sizeOf = async (attributes: string): Promise<readonly [number, number]> => {
    const { width, height } = await preprocessImage(svg(SQUARE, attributes), input);
    return [width, height];
  };

  it('have the size at which a browser shows them', async () => {
    assert.deepEqual(await sizeOf('width="24" height="16"'), [24, 16]);
    assert.deepEqual(await sizeOf('width="23.6" height="17.2"'), [24, 17]);
    assert.deepEqual(await sizeOf('viewBox="0 0 48 32"'), [48, 32]);
    assert.deepEqual(await sizeOf('width="100%" height="100%" viewBox="0 0 48 32"'), [48, 32]);
    assert.deepEqual(await sizeOf('width="72pt" height="1in"'), [96, 96]);
    assert.deepEqual(await sizeOf('width="210mm" height="297mm" viewBox="0 0 210 297"'), [794, 1123]);
    assert.deepEqual(await sizeOf('width="20000" height="10000"'), [20000, 10000]);
  });

  it('are drawn at the size wanted, not enlarged', async () => {
    // A checkerboard of half units would be grey if it were drawn at 8 pixels first.
    const cells = Array.from(
      { length: 128 },
      (_, i) => `M${(i % 8) + ((i >> 3) % 2) / 2} ${(i >> 3) / 2}h.5v.5h-.5z`,
    ).join('');
    const { pixels } = await preprocessImage(svg(`<path d="${cells}"/>`, 'width="8" height="8"'), input);
    assert.ok(pixels.every((value) => value === 0 || value === 255));
    assert.equal(pixels.filter((value) => value === 0).length, pixels.length / 2);
  });

  it('fill the longest side exactly, also where their size is no whole number', async () => {
    for (const side of ['16', '20', '21.33', '17.6', '5.7mm', '1000.4']) {
      const { pixels } = await preprocessImage(
        svg('<rect width="100%" height="100%" fill="red"/>', `width="${side}" height="${side}"`),
        input,
      );
      const white = pixels.filter((value, at) => at % 3 === 1 && value > 250).length;
      assert.equal(white, 0, side);
    }
  });

  it('read no file of the machine that they refer to', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'assetlens-svg-'));
    try {
      writeFileSync(
        path.join(folder, 'red.png'),
        await sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } })
          .png()
          .toBuffer(),
      );
      writeFileSync(path.join(folder, 'red.svg'), svg(SQUARE));
      for (const where of ['', `${folder}/`, `file://${folder}/`]) {
        const image = svg(`<image href="${where}red.png" width="10" height="10"/>`);
        const use = svg(`<use href="${where}red.svg#a"/><image href="${where}red.svg" width="10" height="10"/>`);
        const include = svg(`<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="${where}red.svg"/>`);
        for (const bytes of [image, use, include]) assert.equal(await redPixels(bytes), 0);
        const entity = `<!DOCTYPE svg [<!ENTITY x SYSTEM "${where}red.svg">]>`;
        await rejects(Buffer.concat([Buffer.from(entity), svg('&x;')]), /^SVG with an XML error/);
      }
      // The same drawing read by its path does show its neighbour, so that the above can fail.
      const file = path.join(folder, 'drawing.svg');
      writeFileSync(file, svg('<image href="red.png" width="10" height="10"/>'));
      const byPath = await sharp(file).raw().toBuffer();
      assert.equal(byPath[0], 255);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('may be long and thin, but not without bounds', async () => {
    const { pixels } = await preprocessImage(
      svg('<rect width="1" height="300" fill="red"/>', 'width="1" height="300"'),
      input,
    );
    assert.equal(pixels.length, 32 * 32 * 3);
    const shortest = preprocessImage(svg(SQUARE, 'width="1" height="5000"'), { ...input, resize: 'shortest' });
    await assert.rejects(shortest, /^UserError: SVG that is too long and thin to draw$/);
  });
});
