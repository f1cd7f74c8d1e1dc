import assert from 'node:assert/strict';
import path from 'node:path';
import sharp from 'sharp';
import { UserError, type ImageSource, type Inference, type ShownBox, type ShownPixels } from '../../src/clip/index.ts';
import { bundledInference } from './bundledModel.ts';

const bytes = (content: Uint8Array): ImageSource => ({ kind: 'bytes', name: 'test', bytes: content });
const box = (side: number, background: ShownBox['background'] = 'any'): ShownBox => ({
  width: side,
  height: side,
  background,
});
const svg = (body: string): Uint8Array =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="24" height="12">${body}</svg>`);
const pixel = ({ data, width }: ShownPixels, x: number, y: number): number[] => {
  const at = 4 * (y * width + x);
  return [...data.subarray(at, at + 4)];
};

describe('the shown pixels of an image', function () {
  this.timeout(60_000);
  let inference: Inference;
  before(async () => {
    inference = await bundledInference();
  });
  after(() => inference[Symbol.asyncDispose]());

  it('have the size of the box in the proportions of a drawing, and its transparency', async () => {
    const drawn = await inference.shownPixels(bytes(svg('<rect width="12" height="12" fill="#c81432"/>')), box(200));
    assert.ok(drawn.data instanceof Uint8ClampedArray);
    assert.deepEqual([drawn.width, drawn.height, drawn.data.length], [200, 100, 4 * 200 * 100]);
    assert.deepEqual(pixel(drawn, 50, 50), [200, 20, 50, 255]);
    assert.equal(pixel(drawn, 150, 50)[3], 0);
  });

  it('enlarge a small image by a whole number, and reduce a large image', async () => {
    const raw = { width: 3, height: 2, channels: 3 } as const;
    const small = await sharp(Buffer.from([9, 0, 0, 0, 9, 0, 0, 0, 9, 90, 0, 0, 0, 90, 0, 0, 0, 90]), { raw })
      .png()
      .toBuffer();
    const enlarged = await inference.shownPixels(bytes(small), box(100));
    assert.deepEqual([enlarged.width, enlarged.height], [99, 66]);
    assert.deepEqual(
      [pixel(enlarged, 32, 32), pixel(enlarged, 33, 33)],
      [
        [9, 0, 0, 255],
        [0, 90, 0, 255],
      ],
    );
    const photo = path.join(import.meta.dirname, '../parity/fixtures/preprocess/landscape.jpg');
    const reduced = await inference.shownPixels({ kind: 'file', path: photo }, box(40));
    assert.equal(Math.max(reduced.width, reduced.height), 40);
  });

  it('have a dark background where a light one would hide the image', async () => {
    const white = svg('<rect width="12" height="12" fill="#fff"/>');
    assert.deepEqual(pixel(await inference.shownPixels(bytes(white), box(24, 'light')), 20, 6), [31, 31, 31, 255]);
    assert.equal(pixel(await inference.shownPixels(bytes(white), box(24)), 20, 6)[3], 0);
  });

  it('load no encoder, and fail for a file that is not an image', async () => {
    const { imageSession, textSession } = await inference.describe();
    assert.deepEqual([imageSession, textSession], ['not loaded', 'not loaded']);
    await assert.rejects(inference.shownPixels(bytes(Buffer.from('not an image')), box(24)), UserError);
  });
});
