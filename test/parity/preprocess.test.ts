import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { ImageInput } from '../../src/clip/base/manifest.ts';
import { sharp } from '../../src/clip/images/sharp.ts';
import { DecodeQueue } from '../../src/clip/images/decoding/decodeQueue.ts';
import { DECODE_LIMITS } from '../../src/clip/images/limits.ts';
import { preprocessImage } from '../../src/clip/images/preprocess.ts';

/** Written by references/preprocess.py. */
interface Case {
  readonly name: string;
  readonly file: string;
  readonly expected: string;
  readonly input: Omit<ImageInput, 'graph'>;
  /**
   * The largest mean difference and the largest single difference of a channel, of 255; null: any single difference is
   * allowed.
   */
  readonly mean: number;
  readonly most: number | null;
  readonly shown: readonly [width: number, height: number] | null;
}

const folder = new URL('fixtures/preprocess/', import.meta.url);
const read = (name: string): Buffer => readFileSync(new URL(name, folder));
const cases = JSON.parse(read('cases.json').toString()) as readonly Case[];

/** The image format of a fixture by its extension, which is always correct here. */
const FORMATS: Readonly<Record<string, string>> = { jpg: 'jpeg', tif: 'tiff' };

function differences(actual: Uint8Array, expected: Uint8Array): { readonly mean: number; readonly most: number } {
  assert.equal(actual.length, expected.length);
  let sum = 0;
  let most = 0;
  actual.forEach((value, i) => {
    const difference = Math.abs(value - (expected[i] ?? 0));
    sum += difference;
    most = Math.max(most, difference);
  });
  return { mean: sum / actual.length, most };
}

const decoding = { queue: new DecodeQueue(), limits: DECODE_LIMITS };

describe('the pixels for the image encoder', () => {
  for (const { name, file, expected, input, mean, most, shown } of cases) {
    it(`equal those of Pillow and torchvision: ${name} (${input.resize} to ${input.size}, ${input.interpolation})`, async () => {
      const image = await preprocessImage({ name: file, bytes: read(file) }, { graph: '', ...input }, decoding);
      const reference = await sharp(read(expected)).toColourspace('srgb').removeAlpha().raw().toBuffer();
      const found = differences(image.pixels, reference);
      assert.ok(found.mean <= mean, `mean difference ${found.mean.toFixed(3)} > ${mean}`);
      assert.ok(found.most <= (most ?? 255), `greatest difference ${found.most} > ${most ?? 255}`);
      const extension = file.slice(file.lastIndexOf('.') + 1);
      assert.equal(image.format, FORMATS[extension] ?? extension);
      if (shown) assert.deepEqual([image.width, image.height], shown);
    });
  }
});
