import assert from 'node:assert/strict';
import type { ImageInput } from '../../../../src/clip/base/manifest.ts';
import { fitImage } from '../../../../src/clip/images/geometry.ts';
import { isPixelArt } from '../../../../src/clip/images/pixelArt.ts';
import type { Raster } from '../../../../src/clip/images/raster.ts';
import { resample, type Kernel } from '../../../../src/clip/images/resample.ts';
import { sharp } from '../../../../src/clip/images/sharp.ts';
import { preprocess } from './testImages.ts';

const input: ImageInput = { graph: '', size: 64, resize: 'longest', interpolation: 'area', background: 'contrast' };

/** An image of 8-bit RGBA from a function of its pixels. */
function raster(width: number, height: number, pixel: (x: number, y: number) => readonly number[]): Raster {
  const pixels = Array.from({ length: width * height }, (_, i) => pixel(i % width, Math.floor(i / width))).flat();
  return { data: Uint8Array.from(pixels), width, height, channels: 4 };
}

const png = ({ data, width, height, channels }: Raster): Promise<Buffer> =>
  sharp(data, { raw: { width, height, channels } }).png().toBuffer();

const pixelOf = (pixels: Uint8Array, x: number, y: number, size = 64): number[] => [
  ...pixels.subarray(3 * (y * size + x), 3 * (y * size + x) + 3),
];

const RED = [200, 0, 0, 255];
const BLUE = [0, 0, 200, 255];
const NOTHING = [0, 0, 0, 0];
const WHITE = [255, 255, 255];
const NEAR_BLACK = [31, 31, 31];

describe('an image in the square of the encoder', () => {
  it('has its shortest side fitted and its centre cropped', () => {
    const fit = (width: number, height: number): object => fitImage(width, height, { size: 224, resize: 'shortest' });
    assert.deepEqual(fit(640, 480), { width: 298, height: 224, left: 37, top: 0 });
    assert.deepEqual(fit(480, 640), { width: 224, height: 298, left: 0, top: 37 });
    // floor(224 · 333 / 217) = 343; (343 − 224) / 2 = 59.5 is rounded to the even 60; (226 − 224) / 2 = 1
    assert.deepEqual(fit(333, 217), { width: 343, height: 224, left: 60, top: 0 });
    // (229 − 224) / 2 = 2.5 is rounded to the even 2
    assert.deepEqual(fit(229, 224), { width: 229, height: 224, left: 2, top: 0 });
    assert.deepEqual(fit(224, 224), { width: 224, height: 224, left: 0, top: 0 });
  });

  it('has its longest side fitted and bars beside it', () => {
    const fit = (width: number, height: number): object => fitImage(width, height, { size: 64, resize: 'longest' });
    assert.deepEqual(fit(300, 150), { width: 64, height: 32, left: 0, top: -16 });
    assert.deepEqual(fit(24, 17), { width: 64, height: 45, left: 0, top: -9 });
    assert.deepEqual(fit(1, 5000), { width: 1, height: 64, left: -31, top: 0 });
  });

  it('is squashed for a model that squashes images', () => {
    assert.deepEqual(fitImage(300, 20, { size: 64, resize: 'squash' }), { width: 64, height: 64, left: 0, top: 0 });
  });

  it('is on white, also in its bars', async () => {
    const { pixels } = await preprocess(await png(raster(64, 32, () => RED)), input);
    assert.deepEqual(pixelOf(pixels, 10, 15), WHITE);
    assert.deepEqual(pixelOf(pixels, 10, 16), RED.slice(0, 3));
    assert.deepEqual(pixelOf(pixels, 10, 47), RED.slice(0, 3));
    assert.deepEqual(pixelOf(pixels, 10, 48), WHITE);
  });

  it('is on near-black where its visible part is nearly white', async () => {
    const of = async (light: number, alpha = 255): Promise<number[]> => {
      const image = raster(64, 64, (x) => (x < 32 ? [light, light, light, alpha] : [0, 0, 0, 0]));
      return pixelOf((await preprocess(await png(image), input)).pixels, 60, 60);
    };
    assert.deepEqual(await of(255), NEAR_BLACK);
    assert.deepEqual(await of(217), NEAR_BLACK); // 217 / 255 = .851
    assert.deepEqual(await of(216), WHITE); // 216 / 255 = .847
    assert.deepEqual(await of(255, 40), NEAR_BLACK);
    assert.deepEqual(await of(0), WHITE);
  });

  it('is on white where nothing of it is visible', async () => {
    const { pixels } = await preprocess(await png(raster(20, 20, () => NOTHING)), input);
    assert.ok(pixels.every((value) => value === 255));
  });

  it('is on the colour in the manifest', async () => {
    const { pixels } = await preprocess(await png(raster(64, 64, () => NOTHING)), {
      ...input,
      background: [1, 2, 3],
    });
    assert.deepEqual(pixelOf(pixels, 0, 0), [1, 2, 3]);
  });

  it('is enlarged by a whole number if it is pixel art', async () => {
    // 20 pixels fit three times: 60, and bars of two.
    const art = raster(20, 20, (x, y) => ((x + y) % 2 === 0 ? RED : BLUE));
    const { pixels } = await preprocess(await png(art), input);
    assert.deepEqual(pixelOf(pixels, 1, 1), WHITE);
    for (let y = 0; y < 60; y++) {
      for (let x = 0; x < 60; x++) {
        const expected = (Math.floor(x / 3) + Math.floor(y / 3)) % 2 === 0 ? RED : BLUE;
        assert.deepEqual(pixelOf(pixels, x + 2, y + 2), expected.slice(0, 3), `${x} ${y}`);
      }
    }
    assert.deepEqual(pixelOf(pixels, 62, 30), WHITE);
  });

  it('fills the square if it is pixel art and the model has no bars', async () => {
    const art = raster(12, 6, (x) => (x < 6 ? RED : BLUE));
    for (const [resize, left, right] of [
      ['squash', 31, 32],
      ['shortest', 31, 32],
    ] as const) {
      const { pixels } = await preprocess(await png(art), { ...input, resize });
      assert.deepEqual(pixelOf(pixels, left, 0), RED.slice(0, 3));
      assert.deepEqual(pixelOf(pixels, right, 63), BLUE.slice(0, 3));
    }
  });

  it('is smoothed if it is small but not pixel art', async () => {
    const smooth = raster(16, 16, (x, y) => [16 * x, 16 * y, 100, 255]);
    const { pixels } = await preprocess(await png(smooth), input);
    // Blocks would show 16 shades.
    assert.ok(new Set(Array.from({ length: 64 }, (_, x) => pixelOf(pixels, x, 30)[0])).size > 50);
  });
});

describe('pixel art', () => {
  it('has few colours', () => {
    assert.equal(isPixelArt(raster(16, 16, (x) => (x < 8 ? RED : NOTHING))), true);
    assert.equal(isPixelArt(raster(16, 16, (x, y) => [16 * x, 16 * y, 0, 255])), false);
    assert.equal(isPixelArt(raster(2, 2, (x, y) => [100 * x, 100 * y, 0, 255])), false);
  });

  it('has no soft edges', () => {
    assert.equal(isPixelArt(raster(16, 16, (x) => [200, 0, 0, x < 8 ? 255 : x === 8 ? 128 : 0])), false);
  });

  it('has visible pixels', () => {
    assert.equal(isPixelArt(raster(16, 16, () => NOTHING)), false);
  });
});

describe('resampling', () => {
  const line = (values: readonly number[]): Uint8Array =>
    Uint8Array.from(values.flatMap((value) => [value, value, value]));
  const reds = (rgb: Uint8Array): number[] => [...rgb].filter((_, i) => i % 3 === 0);
  const whole = (from: number, to: number) => ({ from, origin: 0, to, first: 0, count: to });
  const across = (values: readonly number[], to: number, kernel?: Kernel): number[] =>
    reds(
      resample({ data: line(values), width: values.length, height: 1 }, whole(values.length, to), whole(1, 1), kernel),
    );

  it('keeps an image that is not resized', () => {
    assert.deepEqual(across([1, 200, 3], 3), [1, 200, 3]);
  });

  it('keeps a uniform colour when it enlarges and when it shrinks', () => {
    assert.deepEqual(across([77, 77, 77], 10), Array(10).fill(77));
    assert.deepEqual(across(Array<number>(10).fill(77), 3), [77, 77, 77]);
  });

  it('uses the mean of the area when it shrinks', () => {
    assert.deepEqual(across([0, 100, 200, 100], 2), [50, 150]);
    assert.deepEqual(across([0, 90, 240], 2), [30, 190]); // (0 + 90/2) / 1.5, (90/2 + 240) / 1.5
  });

  it('overshoots at an edge when it enlarges, within 0 and 255', () => {
    // As Pillow's BICUBIC: Image.fromarray(…).resize((8, 1)).
    assert.deepEqual(across([50, 50, 200, 200], 8), [50, 47, 40, 80, 170, 210, 203, 200]);
    assert.deepEqual(across([0, 0, 255, 255], 8), [0, 0, 0, 52, 203, 255, 255, 255]);
  });

  it('enlarges with linear interpolation if it is chosen', () => {
    // As Pillow's BILINEAR: Image.fromarray(…).resize((8, 1)).
    assert.deepEqual(across([50, 50, 200, 200], 8, 'linear'), [50, 50, 50, 88, 163, 200, 200, 200]);
    assert.deepEqual(across([0, 100, 255], 8, 'linear'), [0, 6, 44, 81, 129, 187, 245, 255]);
  });

  it('gives the same pixels for a part as for the whole', () => {
    const values = Array.from({ length: 30 }, (_, i) => (i * 67) % 256);
    const all = across(values, 100);
    // The part from 40 on needs pixels 12 − 2 and on.
    const part = resample(
      { data: line(values.slice(9, 24)), width: 15, height: 1 },
      { from: 30, origin: 9, to: 100, first: 40, count: 25 },
      whole(1, 1),
    );
    assert.deepEqual(reds(part), all.slice(40, 65));
  });
});
