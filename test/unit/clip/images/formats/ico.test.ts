import assert from 'node:assert/strict';
import { openImage } from '../../../../../src/clip/images/decoding/openImage.ts';
import { decodeOptions, fixture, unnamed } from '../testImages.ts';

describe('an icon file', () => {
  it('opens its smallest picture that is large enough, and reports the size of the largest one', async () => {
    for (const file of ['png.ico', 'bmp.ico']) {
      for (const [size, width] of [
        [10, 16],
        [16, 16],
        [17, 32],
        [64, 64],
        [100, 128],
        [224, 128],
      ] as const) {
        const image = await openImage(unnamed(fixture(file)), size, decodeOptions());
        assert.deepEqual([image.width, image.height], [width, width]);
        assert.deepEqual(image.shown, { width: 128, height: 128 });
      }
    }
  });
});
