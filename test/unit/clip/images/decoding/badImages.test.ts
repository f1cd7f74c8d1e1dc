import assert from 'node:assert/strict';
import { crc32, deflateSync, gzipSync } from 'node:zlib';
import { UserError } from '../../../../../src/base/userError.ts';
import { openImage } from '../../../../../src/clip/images/decoding/openImage.ts';
import type { DecodeLimits } from '../../../../../src/clip/images/limits.ts';
import { TAG, TiffDirectory } from '../../../../../src/clip/images/formats/tiff/directory.ts';
import { sharp, type Sharp } from '../../../../../src/clip/images/sharp.ts';
import { randomSource } from '../../../../../tools/shared/random.ts';
import { decodeOptions, fixture, input, preprocess, RED_SQUARE, redPixels, svg, unnamed } from '../testImages.ts';

/** Checks that an image is rejected with a reason, which is short and does not quote a library. */
async function rejects(bytes: Uint8Array, reason: RegExp | string, limits: Partial<DecodeLimits> = {}): Promise<void> {
  await assert.rejects(preprocess(bytes, input, decodeOptions(limits)), (error) => {
    assert.ok(error instanceof UserError, String(error));
    if (typeof reason === 'string') assert.equal(error.message, reason);
    else assert.match(error.message, reason);
    assert.doesNotMatch(error.message, /vips|libpng|glib|buffer|\n/i);
    assert.ok(error.message.length < 100);
    return true;
  });
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

/** A BMP of run lengths that end at once: far smaller than its pixels. */
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

describe('decoding a bad image', () => {
  const [width, height] = [90, 60];
  const random = randomSource(1);
  const pixels = Buffer.from(Array.from({ length: width * height * 3 }, () => 60 + Math.floor(140 * random())));
  const noise = (): Sharp => sharp(pixels, { raw: { width, height, channels: 3 } });
  const encoders: Readonly<Record<string, (image: Sharp) => Sharp>> = {
    PNG: (image) => image.png(),
    'PNG, interlaced': (image) => image.png({ progressive: true }),
    JPEG: (image) => image.jpeg(),
    'JPEG, progressive': (image) => image.jpeg({ progressive: true }),
    'JPEG, progressive, 4:4:4': (image) => image.jpeg({ progressive: true, chromaSubsampling: '4:4:4' }),
    WebP: (image) => image.webp(),
    'WebP, lossless': (image) => image.webp({ lossless: true }),
    GIF: (image) => image.gif(),
    AVIF: (image) => image.avif({ effort: 0 }),
    'TIFF, LZW': (image) => image.tiff({ compression: 'lzw' }),
    'TIFF, deflate': (image) => image.tiff({ compression: 'deflate' }),
    'TIFF, JPEG': (image) => image.tiff({ compression: 'jpeg' }),
    'TIFF, tiles': (image) => image.tiff({ compression: 'lzw', tile: true, tileWidth: 32, tileHeight: 32 }),
  };

  for (const [name, encode] of Object.entries(encoders)) {
    it(`reports that it is truncated, wherever it ends: ${name}`, async () => {
      const whole = await encode(noise()).toBuffer();
      await preprocess(whole);
      const reason = `truncated ${name.replace(/,.*/, '')}`;
      // A progressive JPEG has many short parts, and some end exactly where the next one starts.
      const cuts = name.startsWith('JPEG') ? 500 : 50;
      for (let i = 0; i <= cuts; i++) {
        const end = Math.floor(whole.length * (0.02 + (0.95 * i) / cuts));
        await rejects(whole.subarray(0, end), reason);
      }
    });
  }

  it('reports that a progressive JPEG lacks whole scans', async () => {
    const whole = await noise().jpeg({ progressive: true }).toBuffer();
    const scans = [...whole.toString('latin1').matchAll(/\xff\xda/g)].map(({ index }) => index);
    assert.ok(scans.length > 5);
    for (const scan of scans) await rejects(whole.subarray(0, scan), 'truncated JPEG');
  });

  it('reads a JPEG that lacks only its end marker', async () => {
    for (const progressive of [false, true]) {
      const whole = await noise().jpeg({ progressive }).toBuffer();
      for (const missing of [1, 2]) {
        assert.deepEqual(await preprocess(whole.subarray(0, whole.length - missing)), await preprocess(whole));
      }
    }
  });

  for (const compression of ['none', 'lzw', 'deflate', 'jpeg', 'packbits'] as const) {
    it(`reports that a TIFF with its directory first lacks pixels: ${compression}`, async () => {
      const written = new TiffDirectory(await noise().tiff({ compression }).toBuffer());
      const lengths = written.numbers(TAG.stripBytes);
      const strips = written
        .numbers(TAG.stripOffsets)
        .map((at, i) => written.file.subarray(at, at + (lengths[i] ?? 0)));
      const whole = written.withBlocks(TAG.stripOffsets, TAG.stripBytes, strips);
      await preprocess(whole);
      const pixelBytes = strips.reduce((sum, strip) => sum + strip.length, 0);
      for (const missing of [1, Math.floor(pixelBytes / 2), pixelBytes])
        await rejects(whole.subarray(0, whole.length - missing), 'truncated TIFF');
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
    it(`reports that it is truncated: ${file}`, async () => {
      const whole = fixture(file);
      await preprocess(whole, { ...input, size: 512 });
      const kind = file.endsWith('bmp') ? 'BMP' : 'ICO';
      for (const part of [0.5, 0.1]) {
        const cut = whole.subarray(0, Math.floor(whole.length * part));
        // A truncated file of several pictures may still contain the first ones.
        if (['png.ico', 'bmp.ico'].includes(file))
          await preprocess(cut, { ...input, size: 16 }).catch(() => rejects(cut, /truncated/));
        else await rejects(cut, new RegExp(`^truncated ${kind}`));
      }
    });
  }

  it('reports that it is truncated: SVG', async () => {
    const whole = svg(RED_SQUARE);
    await rejects(whole.subarray(0, whole.length - 3), 'truncated SVG');
    await rejects(whole.subarray(0, 80), 'truncated SVG');
    const utf16 = Buffer.from(`\ufeff${whole.toString()}`, 'utf16le');
    await rejects(utf16.subarray(0, utf16.length - 6), 'truncated SVG');
    const zipped = gzipSync(whole);
    await rejects(zipped.subarray(0, zipped.length - 12), 'truncated SVG (gzip)');
  });

  it('reports that it is damaged', async () => {
    const whole = await noise().png().toBuffer();
    const damaged = Buffer.from(whole);
    damaged.fill(0x5a, 1000, 1100);
    await rejects(damaged, 'damaged PNG');
    await rejects(svg('<g></h>'), 'SVG with an XML error in line 1');
    const utf16 = Buffer.from(`\ufeff${svg('<g></h>').toString()}`, 'utf16le');
    await rejects(utf16, 'SVG with an XML error in line 1');
    // The message of resvg would contain the character zero, which ends the process.
    await rejects(svg('<g a\0="b"/>'), 'SVG with an XML error in line 1');
  });

  it('reports what a file contains that is not an image', async () => {
    await rejects(new Uint8Array(), 'empty file');
    for (const [bytes, found] of [
      [Buffer.from('hello, this is a text'), 'text'],
      [Buffer.from('%PDF-1.7\n%âãÏÓ'), 'PDF'],
      [Buffer.from('PK\x03\x04\x14\0\0\0'), 'ZIP'],
      [Buffer.from('gimp xcf v011\0'), 'GIMP'],
      [Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic'), 'HEIC'],
      [Buffer.from('\0\0\0\x18ftypisom\0\0\0\0'), 'video'],
      [Buffer.from('<!DOCTYPE html><html><svg width="1"></svg></html>'), 'HTML'],
      [Buffer.from('<?xml version="1.0"?><plist/>'), 'XML'],
      [Buffer.from([1, 2, 3, 4, 5]), 'unknown data'],
      [Buffer.alloc(64), 'only zeros'],
      [gzipSync('hello'), 'gzip'],
    ] as const) {
      await rejects(bytes, `not a supported image (found: ${found})`);
    }
  });

  it('reports a pointer that Git LFS did not replace', async () => {
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 12345\n`;
    await rejects(Buffer.from(pointer), /Git LFS pointer; "git lfs pull" fetches the image/);
  });

  it('reports that it has no usable size', async () => {
    await rejects(svg('', ''), 'SVG that shows nothing');
    await rejects(svg(RED_SQUARE, 'width="0" height="0"'), 'SVG without a usable size');
    await rejects(svg(RED_SQUARE, 'width="1e9" height="1e9"'), 'SVG without a usable size');
    const bmp = fixture('24-bits.bmp');
    bmp.writeInt32LE(0, 18);
    await rejects(bmp, 'BMP without a usable size');
  });

  it('reports from the header that it has too many pixels', async () => {
    const huge = png(60_000, 60_000, deflateSync(Buffer.alloc(100)));
    await rejects(huge, '60000 × 60000 pixels exceed the limit of 100 million');
    const bmp = fixture('24-bits.bmp');
    bmp.writeInt32LE(60_000, 18);
    bmp.writeInt32LE(-60_000, 22);
    await rejects(bmp, '60000 × 60000 pixels exceed the limit of 100 million');
    await rejects(await noise().png().toBuffer(), '90 × 60 pixels exceed the limit of 0.005 million', {
      pixels: 5000,
    });
  });

  it('reports that it has too many pixels for our own decoders', async () => {
    await rejects(runLengths(10_000, 10_000), '10000 × 10000 pixels exceed the limit of 25 million for BMP');
    const icon = fixture('24.ico');
    const bitmap = icon.readUInt32LE(6 + 12);
    icon.writeInt32LE(10_000, bitmap + 4);
    icon.writeInt32LE(20_000, bitmap + 8);
    await rejects(icon, '10000 × 10000 pixels exceed the limit of 25 million for ICO');
  });

  it('allocates no pixels of a bitmap before it starts to decode', async () => {
    const bmp = runLengths(3900, 3900);
    const before = process.memoryUsage().arrayBuffers;
    const open = await Promise.all(Array.from({ length: 8 }, () => openImage(unnamed(bmp), 32, decodeOptions())));
    assert.ok(process.memoryUsage().arrayBuffers - before < 10 * 2 ** 20);
    assert.ok(open.every(({ width }) => width === 3900));
    assert.equal((await preprocess(bmp)).width, 3900);
  });

  it('rejects a small file that expands to a huge image', async () => {
    const side = 24_000;
    const bomb = png(side, side, deflateSync(Buffer.alloc((side / 8 + 1) * side)));
    assert.ok(bomb.length < 80_000);
    await rejects(bomb, /exceed the limit/);
    const drawing = `<image href="data:image/png;base64,${bomb.toString('base64')}" width="9" height="9"/>`;
    await rejects(svg(drawing), /^decoding needs about 6.3 GB of memory, more than the limit of 200 MB$/);
    await rejects(gzipSync(Buffer.concat([svg(''), Buffer.alloc(3_000_000, ' ')])), /more than the limit of 1.0 MB/, {
      bytes: 2 ** 20,
    });
  });

  it('reports from the header that its decoder needs too much memory', async () => {
    const image = sharp({ create: { width: 1000, height: 1000, channels: 3, background: 'red' } });
    const tree = svg('<g/>'.repeat(4000));
    const reason = /^decoding needs about .* of memory, more than the limit of 9\.6 MB$/;
    const limits = { memory: 12_000_000 };
    for (const whole of [
      image.clone().avif({ effort: 0 }),
      image.clone().webp({ lossless: true, effort: 0 }),
      image.clone().jpeg({ progressive: true, chromaSubsampling: '4:4:4' }),
      image.clone().png({ progressive: true }),
      image.clone().gif(),
    ]) {
      await rejects(await whole.toBuffer(), reason, limits);
    }
    await rejects(tree, reason, limits);
    await preprocess(await image.clone().png().toBuffer(), input, decodeOptions(limits));
    await preprocess(svg(RED_SQUARE), input, decodeOptions(limits));
  });

  it('reports that it has too many bytes', async () => {
    await rejects(Buffer.alloc(1_500_000), '1.5 MB exceeds the limit of 1.0 MB', { bytes: 1_000_000 });
  });

  it('rejects a drawing that expands without limit', async () => {
    const entities = 'bcdefghijk'
      .split('')
      .map((name, i) => `<!ENTITY ${name} "${`&${'abcdefghij'[i] ?? ''};`.repeat(10)}">`)
      .join('');
    const laughs = `<!DOCTYPE svg [<!ENTITY a "ha">${entities}]><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>&k;</text></svg>`;
    await rejects(Buffer.from(laughs), 'SVG that expands without limit');
    await rejects(svg('<g>'.repeat(5000) + '</g>'.repeat(5000)), 'SVG that expands without limit');
    assert.ok((await redPixels(svg(`<g id="a"><use href="#a"/>${RED_SQUARE}</g>`))) > 0);
  });

  it('reports that it takes too long', async () => {
    const levels = [1, 2, 3, 4].map((i) => `<g id="g${i}">${`<use href="#g${i - 1}"/>`.repeat(12)}</g>`).join('');
    const slow = svg(`<defs><g id="g0">${RED_SQUARE}</g>${levels}</defs><use href="#g4"/>`);
    await rejects(slow, 'decoding took longer than 0.001 s', { milliseconds: 1 });
    assert.ok((await redPixels(svg(RED_SQUARE))) > 0);
  });

  it('stops when it is cancelled, and decodes the next images', async () => {
    const bytes = await noise().png().toBuffer();
    const reason = new Error('cancelled');
    const options = decodeOptions();
    await assert.rejects(preprocess(bytes, input, { ...options, signal: AbortSignal.abort(reason) }), reason);
    const controller = new AbortController();
    const { signal } = controller;
    const running = Array.from({ length: 20 }, () => preprocess(bytes, input, { ...options, signal }));
    controller.abort(reason);
    for (const { status } of await Promise.allSettled(running)) assert.equal(status, 'rejected');
    const after = await Promise.all(Array.from({ length: 20 }, () => preprocess(bytes, input, options)));
    assert.equal(after.length, 20);
  });
});
