import assert from 'node:assert/strict';
import path from 'node:path';
import sharp from 'sharp';
import { UserError, type ImageSource, type Inference, type ThumbnailBox } from '../../src/clip/index.ts';
import { bundledInference } from './bundledModel.ts';

const fixture = (name: string): ImageSource => ({
  kind: 'file',
  path: path.join(import.meta.dirname, '../parity/fixtures/preprocess', name),
});
const bytes = (content: Uint8Array): ImageSource => ({ kind: 'bytes', name: 'test', bytes: content });
const box = (width: number, height = width, background: ThumbnailBox['background'] = 'any'): ThumbnailBox => ({
  width,
  height,
  background,
});
const svg = (body: string, width = 24, height = 24): Uint8Array =>
  Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${body}</svg>`,
  );
const disc = svg('<circle cx="12" cy="12" r="8"/>');

/** Colours and alpha of one pixel of a thumbnail. */
async function pixel(encoded: Uint8Array, x: number, y: number): Promise<number[]> {
  const { data, info } = await sharp(encoded).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = (y * info.width + x) * 4;
  return [...data.subarray(at, at + 4)];
}

function near(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  expected.forEach((value, i) => {
    assert.ok(Math.abs((actual[i] ?? NaN) - value) <= tolerance, `${actual.join()} is not ${expected.join()}`);
  });
}

describe('thumbnails', function () {
  this.timeout(60_000);
  let inference: Inference;
  before(async () => {
    inference = await bundledInference();
  });
  after(() => inference[Symbol.asyncDispose]());

  it('fit into the box in the proportions of the image, and come with its properties', async () => {
    const made = await inference.thumbnail(fixture('landscape.jpg'), box(40, 30));
    const { width, height, format } = await sharp(made.bytes).metadata();
    assert.deepEqual([width, height], [made.width, made.height]);
    assert.equal(format, 'webp');
    assert.ok(made.width === 40 || made.height === 30);
    assert.ok(made.width <= 40 && made.height <= 30);
    const original = await sharp(
      path.join(import.meta.dirname, '../parity/fixtures/preprocess/landscape.jpg'),
    ).metadata();
    assert.deepEqual(
      [made.image.width, made.image.height, made.image.format],
      [original.width, original.height, 'JPEG'],
    );
    assert.ok(Math.abs(made.width / made.height - original.width / original.height) < 0.05);
    assert.ok(made.image.bytes > 0);
  });

  it('load no encoder', async () => {
    await using fresh = await bundledInference();
    await fresh.thumbnail(bytes(disc), box(32));
    const { imageSession, textSession } = await fresh.describe();
    assert.deepEqual([imageSession, textSession], ['not loaded', 'not loaded']);
  });

  it('are not larger than an image of many colours', async () => {
    const gradient = svg(
      '<linearGradient id="g"><stop stop-color="red"/><stop offset="1" stop-color="blue"/></linearGradient><rect width="50" height="40" fill="url(#g)"/>',
      50,
      40,
    );
    const photo = await sharp(gradient).png().toBuffer();
    const { width, height } = await inference.thumbnail(bytes(photo), box(400));
    assert.deepEqual([width, height], [50, 40]);
  });

  it('enlarge pixel art by a whole number', async () => {
    const art = Buffer.alloc(16 * 16 * 4);
    for (let i = 0; i < 256; i++) art.set(i % 16 < 8 ? [200, 10, 20, 255] : [0, 0, 0, 0], 4 * i);
    const png = await sharp(art, { raw: { width: 16, height: 16, channels: 4 } })
      .png()
      .toBuffer();
    const made = await inference.thumbnail(bytes(png), box(100, 90));
    assert.deepEqual([made.width, made.height], [80, 80]);
    assert.deepEqual(await pixel(made.bytes, 39, 0), [200, 10, 20, 255]);
    assert.equal((await pixel(made.bytes, 40, 79))[3], 0);
  });

  it('draw an SVG as large as the box, with its transparency', async () => {
    const made = await inference.thumbnail(bytes(disc), box(300, 200));
    assert.deepEqual([made.width, made.height], [200, 200]);
    assert.deepEqual([made.image.width, made.image.height, made.image.format], [24, 24, 'SVG']);
    assert.equal((await pixel(made.bytes, 2, 2))[3], 0);
    assert.deepEqual(await pixel(made.bytes, 100, 100), [0, 0, 0, 255]);
  });

  it('fill an icon without their margins', async () => {
    const icon = async (image: Uint8Array, background: ThumbnailBox['background'] = 'any') => {
      const made = await inference.thumbnail(bytes(image), { ...box(32, 32, background), margins: 'cut' });
      assert.deepEqual([made.width, made.height], [32, 32]);
      return (x: number, y: number) => pixel(made.bytes, x, y);
    };
    const middle = await icon(svg('<rect x="6" y="9" width="12" height="8"/>'));
    assert.deepEqual(await middle(1, 16), [0, 0, 0, 255]);
    assert.deepEqual(await middle(30, 16), [0, 0, 0, 255]);
    assert.equal((await middle(16, 1))[3], 0); // the proportions stay
    const dot = await icon(svg('<circle cx="12" cy="12" r="1"/>'));
    assert.ok(((await dot(16, 16))[3] ?? 0) > 240);
    assert.equal((await dot(10, 16))[3], 0); // a dot stays small
    const tall = await icon(svg('<rect width="10" height="40"/>', 10, 40), 'dark');
    assert.deepEqual(await tall(1, 1), [255, 255, 255, 255]);
    assert.deepEqual(await tall(16, 30), [0, 0, 0, 255]);
    const photo = await sharp({ create: { width: 64, height: 32, channels: 3, background: '#c00' } })
      .png()
      .toBuffer();
    const wide = await icon(photo);
    near(await wide(16, 16), [204, 0, 0, 255], 1);
    assert.equal((await wide(16, 2))[3], 0);
  });

  it('enlarge small pixel art in an icon by a whole number', async () => {
    const art = Buffer.alloc(16 * 16 * 4); // a square of 10 × 10 pixels in two colours
    for (let y = 3; y < 13; y++) {
      for (let x = 3; x < 13; x++) art.set(x < 8 ? [200, 10, 20, 255] : [10, 20, 200, 255], 4 * (16 * y + x));
    }
    const png = await sharp(art, { raw: { width: 16, height: 16, channels: 4 } })
      .png()
      .toBuffer();
    const made = await inference.thumbnail(bytes(png), { ...box(32), margins: 'cut' });
    assert.deepEqual(await pixel(made.bytes, 15, 1), [200, 10, 20, 255]);
    assert.deepEqual(await pixel(made.bytes, 16, 30), [10, 20, 200, 255]);
    assert.equal((await pixel(made.bytes, 0, 16))[3], 0);
  });

  it('draw a drawable of Android: groups, clip paths, gradients and colours with opacity', async () => {
    const path = (data: string, attributes: string): string => `<path android:pathData="${data}" ${attributes}/>`;
    const drawable = `<?xml version="1.0" encoding="utf-8"?>
      <vector xmlns:android="http://schemas.android.com/apk/res/android" xmlns:aapt="http://schemas.android.com/aapt"
        android:width="24dp" android:height="24dp" android:viewportWidth="40" android:viewportHeight="40">
        <group android:translateX="20" android:rotation="90" android:pivotX="10" android:pivotY="10">
          ${path('M0,0h10v20h-10z', 'android:fillColor="#FF0000"')}
        </group>
        <group>
          <clip-path android:pathData="M0,20h10v20h-10z"/>
          ${path('M0,20h20v20h-20z', 'android:fillColor="#800000FF"')}
        </group>
        <path android:pathData="M20,20h20v20h-20z">
          <aapt:attr name="android:fillColor">
            <gradient android:startX="20" android:endX="40" android:startColor="#000" android:endColor="#0F0"/>
          </aapt:attr>
        </path>
      </vector>`;
    const made = await inference.thumbnail(bytes(Buffer.from(drawable)), box(40));
    assert.deepEqual([made.width, made.height], [40, 40]);
    assert.deepEqual([made.image.width, made.image.height, made.image.format], [24, 24, 'Android VectorDrawable']);
    // The left half of the square is rotated to its upper half.
    assert.deepEqual(await pixel(made.bytes, 22, 5), [255, 0, 0, 255]);
    assert.deepEqual(await pixel(made.bytes, 38, 5), [255, 0, 0, 255]);
    assert.equal((await pixel(made.bytes, 22, 15))[3], 0);
    near(await pixel(made.bytes, 5, 30), [0, 0, 255, 128], 1);
    assert.equal((await pixel(made.bytes, 15, 30))[3], 0); // clipped
    near(await pixel(made.bytes, 21, 30), [0, 19, 0, 255], 3);
    near(await pixel(made.bytes, 38, 30), [0, 236, 0, 255], 3);
  });

  it('have a background only where the image would be invisible', async () => {
    const white = svg('<circle cx="12" cy="12" r="8" fill="#fff"/>');
    const corner = async (image: Uint8Array, background: ThumbnailBox['background']) =>
      pixel((await inference.thumbnail(bytes(image), box(64, 64, background))).bytes, 1, 1);
    assert.deepEqual(await corner(disc, 'dark'), [255, 255, 255, 255]);
    assert.deepEqual(await corner(white, 'light'), [31, 31, 31, 255]);
    assert.equal((await corner(disc, 'light'))[3], 0);
    assert.equal((await corner(white, 'dark'))[3], 0);
  });

  it('keep the transparency of a PNG', async () => {
    const made = await inference.thumbnail(fixture('holes.png'), box(1000));
    const [expected, actual] = await Promise.all(
      [path.join(import.meta.dirname, '../parity/fixtures/preprocess/holes.png'), made.bytes].map((image) =>
        sharp(image).ensureAlpha().extractChannel(3).raw().toBuffer(),
      ),
    );
    assert.ok(expected?.includes(0) && expected.includes(255), 'the fixture has holes');
    assert.deepEqual(actual, expected);
  });

  it('follow the EXIF orientation', async () => {
    const upright = await inference.thumbnail(fixture('orientation-1.jpg'), box(1000));
    for (let orientation = 2; orientation <= 8; orientation++) {
      const oriented = await inference.thumbnail(fixture(`orientation-${orientation}.jpg`), box(1000));
      assert.deepEqual([oriented.width, oriented.height], [upright.width, upright.height]);
      for (const [x, y] of [
        [0.2, 0.2],
        [0.8, 0.2],
        [0.2, 0.8],
        [0.8, 0.8],
      ] as const) {
        const at = [Math.floor(x * upright.width), Math.floor(y * upright.height)] as const;
        near(await pixel(oriented.bytes, ...at), await pixel(upright.bytes, ...at), 40);
      }
    }
  });

  it('show the first frame of an animation', async () => {
    const made = await inference.thumbnail(fixture('animated.gif'), box(1000));
    const first = await sharp(path.join(import.meta.dirname, '../parity/fixtures/preprocess/animated.gif'), { page: 0 })
      .ensureAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    assert.ok(((await sharp(made.bytes).metadata()).pages ?? 1) === 1);
    const shown = await sharp(made.bytes).ensureAlpha().raw().toBuffer();
    assert.equal(made.width, first.info.width);
    const difference = shown.reduce((sum, value, i) => sum + Math.abs(value - (first.data[i] ?? 0)), 0) / shown.length;
    assert.ok(difference < 4, `mean difference ${difference}`);
  });

  it('have at most 36 KB for every image', async () => {
    const noise = Buffer.alloc(1200 * 1000 * 3);
    for (let i = 0, seed = 1; i < noise.length; i++) {
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      noise[i] = seed >> 16;
    }
    const png = await sharp(noise, { raw: { width: 1200, height: 1000, channels: 3 } })
      .png()
      .toBuffer();
    const made = await inference.thumbnail(bytes(png), box(1024));
    assert.ok(made.bytes.length <= 36 * 1024, String(made.bytes.length));
    assert.ok(Math.abs(made.width / made.height - 1.2) < 0.05);
    assert.deepEqual([made.image.width, made.image.height], [1200, 1000]);
  });

  it('fail with the same reason as embedding', async () => {
    for (const [content, reason] of [
      [Buffer.from('this is no PNG'), /not a supported image/],
      [Buffer.alloc(0), /empty file/],
      [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><g>'), /SVG/],
    ] as const) {
      const [outcome] = await inference.embedImages([bytes(content)]);
      assert.ok(outcome?.ok === false);
      await assert.rejects(inference.thumbnail(bytes(content), box(64)), (error) => {
        assert.ok(error instanceof UserError);
        assert.match(error.message, reason);
        assert.equal(error.message, outcome.reason);
        return true;
      });
    }
    const missing: ImageSource = { kind: 'file', path: path.join(import.meta.dirname, 'not here.png') };
    await assert.rejects(inference.thumbnail(missing, box(64)), /cannot be read/);
  });

  it('are made before a long queue of images', async () => {
    const many = Array.from({ length: 300 }, (_, i) => bytes(svg(`<circle cx="${i % 24}" cy="9" r="8"/>`)));
    let embedded = false;
    const embedding = inference.embedImages(many).then(() => {
      embedded = true;
    });
    await inference.thumbnail(bytes(disc), box(64));
    assert.ok(!embedded, 'the thumbnail was made after all images');
    await embedding;
  });

  it('stop when they are cancelled', async () => {
    const controller = new AbortController();
    const thumbnail = inference.thumbnail(bytes(disc), box(64), controller.signal);
    controller.abort();
    await assert.rejects(thumbnail, { name: 'AbortError' });
    assert.ok(await inference.thumbnail(bytes(disc), box(64)), 'the next thumbnail is made');
  });
});
