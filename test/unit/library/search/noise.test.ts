import assert from 'node:assert/strict';
import { countAboveNoise } from '../../../../src/library/search/noise.ts';

describe('countAboveNoise', () => {
  it('counts no image that reaches its score by chance', () => {
    // 500 typical draws of a standard normal: the quantiles (i + 0.5) / 500 from above.
    assert.equal(countAboveNoise([3.09, 2.75, 2.58, 2.46, 2.37, 2.29, 2.23, 2.17, 2.12, 2.08], 500), 0);
    assert.equal(countAboveNoise([], 0), 0);
  });

  it('requires a higher deviation of a single image in a large folder than in a small one', () => {
    // 0.2 images are expected above 3.353 of 500, and above 4.107 of 10,000.
    assert.equal(countAboveNoise([3.36], 500), 1);
    assert.equal(countAboveNoise([3.34], 500), 0);
    assert.equal(countAboveNoise([4.08], 10_000), 0);
    assert.equal(countAboveNoise([4.12], 10_000), 1);
  });

  it('requires a lower deviation if many images stand out, but at least two standard deviations', () => {
    const hearts = Array.from({ length: 60 }, () => 2.5);
    assert.equal(countAboveNoise([...hearts, 1.9], 500), 60);
    assert.equal(countAboveNoise(hearts.slice(0, 10), 500), 0);
    assert.equal(
      countAboveNoise(
        Array.from({ length: 30 }, () => 1.9),
        30,
      ),
      0,
    );
    assert.equal(
      countAboveNoise(
        Array.from({ length: 30 }, () => 2.1),
        30,
      ),
      30,
    );
  });

  it('includes the images between those that stand out together', () => {
    // 500·Q(3.3)/1 = 0.24 is too much for one; with two more like it, it is not.
    assert.equal(countAboveNoise([3.3, 3.29, 3.28, 2.2], 500), 3);
  });
});
