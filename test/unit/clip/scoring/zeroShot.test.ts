import assert from 'node:assert/strict';
import { dot } from '../../../../src/clip/base/vectors.ts';
import { classify, softmax } from '../../../../src/clip/scoring/zeroShot.ts';

describe('zero-shot classification', () => {
  it('is the softmax of scaled cosines', () => {
    const [first, second] = classify(Float32Array.of(1, 0), [Float32Array.of(0.6, 0.8), Float32Array.of(0.8, 0.6)], 10);
    assert.ok(Math.abs((first ?? 0) - 1 / (1 + Math.exp(2))) < 1e-6);
    assert.ok(Math.abs((first ?? 0) + (second ?? 0) - 1) < 1e-12);
  });

  it('survives logits that exp would not', () => {
    assert.deepEqual(softmax([1000, 0]), [1, 0]);
    assert.deepEqual(softmax([-1000, -1000]), [0.5, 0.5]);
  });

  it('of vectors: the inner product', () => {
    assert.equal(dot(Float32Array.of(1, 2, 3), Float32Array.of(4, 5, 6)), 32);
  });
});
