import assert from 'node:assert/strict';
import { repairOutliers } from '../../../../src/clip/heatmaps/outliers.ts';
import { assertNear } from './assertNear.ts';

describe('outlier tokens', () => {
  const rows = Float32Array.from({ length: 18 }, (_, i) => (i % 2 === 0 ? 1 : 0)); // nine cells of (1, 0)
  rows.set([0, 1], 8); // except in the middle

  it('get the mean of the cells around them', () => {
    const lengths = Float32Array.of(9, 10, 11, 10, 90, 10, 9, 11, 10);
    assertNear(repairOutliers(rows, lengths, 3).subarray(8, 10), [1, 0]);
  });

  it('are only tokens that are far longer than the others', () => {
    const lengths = Float32Array.of(9, 10, 11, 10, 12, 10, 9, 11, 10);
    assert.deepEqual(repairOutliers(rows, lengths, 3), rows);
  });

  it('do not count as neighbours of each other', () => {
    const lengths = Float32Array.of(9, 90, 11, 10, 90, 10, 9, 11, 10);
    const repaired = repairOutliers(rows, lengths, 3);
    assertNear(repaired.subarray(8, 10), [1, 0]);
    assertNear(repaired.subarray(2, 4), [1, 0]);
  });
});
