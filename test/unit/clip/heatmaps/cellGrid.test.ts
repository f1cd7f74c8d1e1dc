import assert from 'node:assert/strict';
import { cropMaps, gridOver } from '../../../../src/clip/heatmaps/cellGrid.ts';
import { fitImage } from '../../../../src/clip/images/geometry.ts';
import { assertNear } from './assertNear.ts';

describe('the grid of a heatmap', () => {
  it('covers the whole of a squashed image', () => {
    const grid = gridOver(fitImage(300, 100, { size: 64, resize: 'squash' }), 64, 8);
    assert.deepEqual(grid, { left: 0, top: 0, columns: 8, rows: 8, area: { left: 0, top: 0, width: 1, height: 1 } });
  });

  it('omits cells in the bars of a letterboxed image, but not cells that overlap the image', () => {
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
    assertNear([area.top, area.height], [-0.5, 2]);
  });

  it('has the position of a cropped square in its image', () => {
    const { area } = gridOver(fitImage(100, 50, { size: 64, resize: 'shortest' }), 64, 8);
    assertNear([area.left, area.top, area.width, area.height], [0.25, 0, 0.5, 1]);
  });

  it('crops all maps', () => {
    const maps = Float32Array.from({ length: 18 }, (_, i) => i); // two of 3 × 3
    const grid = { left: 1, top: 0, columns: 2, rows: 2, area: { left: 0, top: 0, width: 1, height: 1 } };
    assert.deepEqual([...cropMaps(maps, 3, grid)], [1, 2, 4, 5, 10, 11, 13, 14]);
  });
});
