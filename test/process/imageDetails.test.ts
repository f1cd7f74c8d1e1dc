import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { UserError, type ImageDetails, type ImageSource, type Inference } from '../../src/clip/index.ts';
import { bundledInference } from './bundledModel.ts';

const fixture = (name: string): string => path.join(import.meta.dirname, '../parity/fixtures/preprocess', name);
const bytes = (content: Uint8Array | string): ImageSource => ({
  kind: 'bytes',
  name: 'test',
  bytes: Buffer.from(content),
});

describe('details of an image', function () {
  this.timeout(60_000);
  let inference: Inference;
  before(async () => {
    inference = await bundledInference();
  });
  after(() => inference[Symbol.asyncDispose]());

  const detailsOf = (name: string): Promise<ImageDetails> =>
    inference.imageDetails({ kind: 'file', path: fixture(name) });
  const plain: Omit<ImageDetails, 'format' | 'bytes'> = {
    width: 64,
    height: 64,
    colours: 'rgb',
    bits: 8,
    palette: false,
    alpha: false,
    frames: 1,
    shownFrame: 1,
    milliseconds: null,
    density: null,
    profile: null,
    orientation: 1,
    progressive: false,
    camera: null,
    icons: [],
    drawing: null,
    gaps: [],
  };

  for (const [name, format, expected] of [
    ['base.jpg', 'JPEG', { density: 72 }],
    ['progressive.jpg', 'JPEG', { density: 72, progressive: true }],
    ['base.avif', 'AVIF', {}],
    ['16-bits-alpha.png', 'PNG', { density: 72, bits: 16, alpha: true }],
    ['16-bits-grey.png', 'PNG', { density: 72, bits: 16, colours: 'grey' }],
    ['palette.png', 'PNG', { density: 72, palette: true }],
    ['alpha.webp', 'WebP', { alpha: true, bits: 8 }],
    ['pages.tif', 'TIFF', { frames: 4 }],
    ['8-bits.bmp', 'BMP', { palette: true }],
    ['16-bits.bmp', 'BMP', { bits: 5 }],
    ['24-bits.bmp', 'BMP', {}],
    ['32-bits-with-alpha.bmp', 'BMP', { alpha: true }],
  ] as const) {
    it(`are read from ${name}`, async () => {
      const size = (await readFile(fixture(name))).length;
      assert.deepEqual(await detailsOf(name), { ...plain, format, bytes: size, ...expected });
    });
  }

  it('contain the name of the colour profile', async () => {
    for (const name of ['p3.png', 'p3.jpg']) assert.match((await detailsOf(name)).profile ?? '', /P3/);
  });

  it('contain the number of frames and the duration of an animation', async () => {
    const frames = [0, 80, 160].map((grey) => Buffer.alloc(20 * 10 * 3, grey));
    const raw = { width: 20, height: 30, channels: 3, pageHeight: 10 } as const;
    const strip = () => sharp(Buffer.concat(frames), { raw });
    for (const [encoded, format] of [
      [
        await strip()
          .gif({ delay: [100, 200, 300] })
          .toBuffer(),
        'GIF',
      ],
      [
        await strip()
          .webp({ delay: [100, 200, 300] })
          .toBuffer(),
        'WebP',
      ],
    ] as const) {
      const details = await inference.imageDetails(bytes(encoded));
      assert.deepEqual([details.format, details.frames, details.milliseconds], [format, 3, 600]);
      assert.deepEqual([details.width, details.height], [20, 10]);
    }
    assert.equal((await detailsOf('animated.gif')).frames, 4);
  });

  it('contain the oriented size, the orientation and the camera', async () => {
    const { width, height, orientation, camera } = await detailsOf('orientation-6.jpg');
    assert.deepEqual([width, height, orientation, camera], [120, 80, 6, null]);
    const photo = await sharp({ create: { width: 8, height: 6, channels: 3, background: 'red' } })
      .withExif({ IFD0: { Make: 'Acme', Model: 'X1' }, IFD2: { ISOSpeedRatings: '200' } })
      .webp()
      .toBuffer();
    const details = await inference.imageDetails(bytes(photo));
    assert.deepEqual([details.camera?.make, details.camera?.model, details.camera?.iso], ['Acme', 'X1', 200]);
  });

  it('list the pictures of an icon file, and contain the size attributes of an SVG', async () => {
    const icon = await detailsOf('png.ico');
    assert.deepEqual([icon.format, icon.width, icon.alpha], ['ICO', icon.icons[0]?.width, true]);
    assert.equal(icon.icons.length, 4);
    assert.deepEqual(
      icon.icons,
      [...icon.icons].sort((a, b) => b.width - a.width),
    );
    const svg = `<?xml version="1.0"?><!-- <svg width="1"> --><svg:svg
      xmlns:svg='http://www.w3.org/2000/svg' width = '2em' viewBox="0 0 24 12"><svg:path d="M0 0h9"/></svg:svg>`;
    for (const content of [svg, gzipSync(svg)]) {
      const { format, drawing, alpha, bits } = await inference.imageDetails(bytes(content));
      assert.deepEqual([format, drawing], ['SVG', { viewBox: '0 0 24 12', width: '2em', height: null }]);
      assert.deepEqual([alpha, bits], [true, null]);
    }
  });

  it('fail with the same reason as embedding', async () => {
    for (const content of ['this is not a PNG', '', '<svg xmlns="http://www.w3.org/2000/svg"']) {
      const [outcome] = await inference.embedImages([bytes(content)]);
      assert.ok(outcome?.ok === false);
      await assert.rejects(inference.imageDetails(bytes(content)), (error) => {
        return error instanceof UserError && error.message === outcome.reason;
      });
    }
    await assert.rejects(detailsOf('not here.png'), /cannot be read/);
    await assert.rejects(inference.imageDetails({ kind: 'file', path: fixture('base.jpg') }, AbortSignal.abort()), {
      name: 'AbortError',
    });
  });
});
