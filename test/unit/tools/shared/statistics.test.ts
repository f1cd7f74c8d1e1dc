import assert from 'node:assert/strict';
import { mean, median, quantile } from '../../../../tools/shared/statistics.ts';

describe('Statistics', () => {
  it('compute the mean, which is NaN for an empty list', () => {
    assert.equal(mean([1, 2, 6]), 3);
    assert.ok(Number.isNaN(mean([])));
  });

  it('compute the median of odd and even numbers of values', () => {
    assert.equal(median([3, 1, 2]), 2);
    assert.equal(median([4, 1, 3, 2]), 2.5);
    assert.ok(Number.isNaN(median([])));
  });

  it('compute quantiles: 95 of a hundred values lie below the 0.95 quantile', () => {
    const descending = Array.from({ length: 100 }, (_, i) => 99 - i);
    assert.equal(quantile(descending, 0.95), 95);
    assert.equal(quantile([7], 0.95), 7);
  });
});
