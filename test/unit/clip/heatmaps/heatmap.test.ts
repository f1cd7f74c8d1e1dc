import assert from 'node:assert/strict';
import {
  backgroundPrompts,
  contrast,
  CONTRAST,
  cropMaps,
  gridOver,
  products,
  repairOutliers,
  whereRange,
  whyRange,
} from '../../../../src/clip/heatmaps/heatmap.ts';
import { fitImage } from '../../../../src/clip/images/geometry.ts';
import { cutWindows, hideWindows, overlapAdd, windowGrid } from '../../../../src/clip/heatmaps/windows.ts';

const near = (actual: ArrayLike<number>, expected: readonly number[], tolerance = 1e-6): void => {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, i) => {
    assert.ok(
      Math.abs((actual[i] ?? NaN) - value) <= tolerance,
      `${[...Array.from(actual)].join()} is not ${expected.join()}`,
    );
  });
};

describe('the background of a heatmap', () => {
  it('has no word against a prompt that means the same', () => {
    const words = backgroundPrompts('photo', ['a photo of a tree']);
    assert.ok(!words.includes('tree') && !words.includes('wood'));
    assert.ok(words.includes('sky') && words.includes('sea'));
    assert.ok(!backgroundPrompts('photo', ['the Ocean']).includes('sea'));
    assert.ok(!backgroundPrompts('photo', ['stairs']).includes('stair'));
    assert.deepEqual(backgroundPrompts('photo', ['a cat']).length, 26);
  });

  it('is another for drawings', () => {
    assert.deepEqual(backgroundPrompts('drawing', ['a cat']).length, 6);
    assert.ok(!backgroundPrompts('drawing', ['an icon of a letter']).includes('text'));
    assert.ok(backgroundPrompts('drawing', ['a white cat']).includes('plain white background'));
  });
});

describe('the contrast of a heatmap', () => {
  it('is the softmax over prompts and background, cell by cell', () => {
    const similarities = Float32Array.of(0.3, 0.1, 0.25, 0.1); // two prompts, two cells
    const background = Float32Array.of(0.2, 0.1);
    const e = (s: number): number => Math.exp(CONTRAST * s);
    const first = e(0.3) + e(0.25) + e(0.2);
    near(contrast(similarities, background, 2), [e(0.3) / first, 1 / 3, e(0.25) / first, 1 / 3]);
  });

  it('leaves a prompt its chance where all are alike, which is where its scale begins', () => {
    const [value = NaN] = contrast(Float32Array.of(0.2), new Float32Array(6).fill(0.2), 1);
    assert.ok(Math.abs(value - whereRange(6)[0]) < 1e-6);
    assert.deepEqual(whereRange(0), [0, 1]);
  });

  it('neither overflows nor becomes NaN', () => {
    near(contrast(Float32Array.of(1000, -1000), Float32Array.of(-1000, 1000), 2), [1, 0]);
  });

  it('of shares is as long to both sides of zero', () => {
    assert.deepEqual(whyRange(Float32Array.of(0.25, -0.5)), [-0.5, 0.5]);
  });
});

describe('the grid of a heatmap', () => {
  it('lies over the whole of a squashed image', () => {
    const grid = gridOver(fitImage(300, 100, { size: 64, resize: 'squash' }), 64, 8);
    assert.deepEqual(grid, { left: 0, top: 0, columns: 8, rows: 8, area: { left: 0, top: 0, width: 1, height: 1 } });
  });

  it('leaves out the bars of a letterboxed image, but for cells that lie half over it', () => {
    const fit = fitImage(100, 50, { size: 64, resize: 'longest' }); // 64 × 32, 16 pixels of bar above and below
    assert.deepEqual(gridOver(fit, 64, 8), {
      left: 0,
      top: 2,
      columns: 8,
      rows: 4,
      area: { left: 0, top: 0, width: 1, height: 1 },
    });
    const { top, rows, area } = gridOver(fit, 64, 3); // cells of 21⅓ pixels: all three touch the image
    assert.deepEqual([top, rows], [0, 3]);
    near([area.top, area.height], [-0.5, 2]);
  });

  it('knows where a cropped square lies in its image', () => {
    const { area } = gridOver(fitImage(100, 50, { size: 64, resize: 'shortest' }), 64, 8);
    near([area.left, area.top, area.width, area.height], [0.25, 0, 0.5, 1]);
  });

  it('crops every map alike', () => {
    const maps = Float32Array.from({ length: 18 }, (_, i) => i); // two of 3 × 3
    const grid = { left: 1, top: 0, columns: 2, rows: 2, area: { left: 0, top: 0, width: 1, height: 1 } };
    assert.deepEqual([...cropMaps(maps, 3, grid)], [1, 2, 4, 5, 10, 11, 13, 14]);
  });

  it('takes products of every prompt with every cell', () => {
    const found = products(Float32Array.of(1, 0, 0, 2), Float32Array.of(3, 4, 5, 6, 7, 8), 2);
    assert.deepEqual([...found], [3, 5, 7, 8, 12, 16]);
  });
});

describe('outlier tokens', () => {
  const rows = Float32Array.from({ length: 18 }, (_, i) => (i % 2 === 0 ? 1 : 0)); // nine cells of (1, 0)
  rows.set([0, 1], 8); // but the middle says something else

  it('say what the cells around them say', () => {
    const lengths = Float32Array.of(9, 10, 11, 10, 90, 10, 9, 11, 10);
    near(repairOutliers(rows, lengths, 3).subarray(8, 10), [1, 0]);
  });

  it('are only those far beyond the others', () => {
    const lengths = Float32Array.of(9, 10, 11, 10, 12, 10, 9, 11, 10);
    assert.deepEqual(repairOutliers(rows, lengths, 3), rows);
  });

  it('do not count as neighbours of each other', () => {
    const lengths = Float32Array.of(9, 90, 11, 10, 90, 10, 9, 11, 10);
    const repaired = repairOutliers(rows, lengths, 3);
    near(repaired.subarray(8, 10), [1, 0]);
    near(repaired.subarray(2, 4), [1, 0]);
  });
});

describe('windows', () => {
  it('follow each other by half of their size', () => {
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
    assert.equal(first[4 * 4 * 3 - 1], 0, 'what is not hidden stays');
    // Decoders hand out Buffers, whose slices share their bytes.
    assert.deepEqual(hideWindows(Buffer.from(pixels), 4, windowGrid(2))[0], first);
  });

  it('spread evenly what they agree on, and each its own over its middle', () => {
    const grid = windowGrid(2);
    near(overlapAdd(new Float32Array(18).fill(0.5), grid, 8), Array<number>(128).fill(0.5));
    const one = new Float32Array(9);
    one[0] = 1; // the window in the upper left corner
    const spread = overlapAdd(one, grid, 4);
    near(spread, [1, 0.5, 0, 0, 0.5, 0.25, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  });
});
