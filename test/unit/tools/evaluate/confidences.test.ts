import assert from 'node:assert/strict';
import { expectedError } from '../../../../tools/evaluate/confidences.ts';

const pairs = (confidence: number, applying: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({ confidence, applies: i < applying }));

describe('The expected calibration error', () => {
  it('is 0 where the share of true pairs is the confidence', () => {
    assert.ok(expectedError([...pairs(0.25, 1, 4), ...pairs(0.75, 3, 4)]) < 1e-9);
  });

  it('is the mean difference of the intervals, weighted by their pairs, in percentage points', () => {
    // 0.25 instead of 0.75 in 4 pairs, and right in 12
    assert.ok(Math.abs(expectedError([...pairs(0.75, 1, 4), ...pairs(0.25, 3, 12)]) - 12.5) < 1e-9);
  });
});
