import assert from 'node:assert/strict';
import { cutWindows, hideWindows, overlapAdd, windowGrid } from '../../../../src/clip/heatmaps/windows.ts';
import { assertNear } from './assertNear.ts';

describe('windows', () => {
  it('overlap by half of their size', () => {
    const side = 8;
    const pixels = Uint8Array.from({ length: side * side * 3 }, (_, i) => Math.floor(i / 3) % side); // columns
    const windows = cutWindows(pixels, side, windowGrid(2), 4);
    assert.equal(windows.length, 9);
    const firstRow = (window: Uint8Array = new Uint8Array()): number[] => [0, 3, 6, 9].map((at) => window[at] ?? NaN);
    assert.deepEqual(firstRow(windows[0]), [0, 1, 2, 3]);
    assert.deepEqual(firstRow(windows[1]), [2, 3, 4, 5]);
    assert.deepEqual(firstRow(windows[2]), [4, 5, 6, 7]);
  });

  it('hide one part of the image after the other', () => {
    const pixels = new Uint8Array(4 * 4 * 3);
    pixels.fill(200, 0, 2 * 4 * 3); // the upper half; the mean is 100
    const [first = pixels, , third = pixels] = hideWindows(pixels, 4, windowGrid(2));
    assert.deepEqual([first[0], first[3], first[6]], [100, 100, 200]);
    assert.deepEqual([third[0], third[6], third[9]], [200, 100, 100]);
    assert.equal(first[4 * 4 * 3 - 1], 0, 'other pixels stay unchanged');
    // Decoders return Buffers, whose slices share memory.
    assert.deepEqual(hideWindows(Buffer.from(pixels), 4, windowGrid(2))[0], first);
  });

  it('spread equal values evenly, and different values around their centres', () => {
    const grid = windowGrid(2);
    assertNear(overlapAdd(new Float32Array(18).fill(0.5), grid, 8), Array<number>(128).fill(0.5));
    const corner = new Float32Array(9);
    corner[0] = 1; // the window in the upper left corner
    const spread = overlapAdd(corner, grid, 4);
    assertNear(spread, [1, 0.5, 0, 0, 0.5, 0.25, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  });
});
