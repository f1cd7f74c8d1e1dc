import assert from 'node:assert/strict';
import { dot, minus, normalised } from '../../../../src/clip/base/vectors.ts';

describe('vectors', () => {
  it('have an inner product', () => {
    assert.equal(dot(Float32Array.of(1, 2, 3), Float32Array.of(4, 5, 6)), 32);
  });

  it('have a difference and a unit vector, and the zero vector stays zero', () => {
    assert.deepEqual(minus(Float32Array.of(3, 5), Float32Array.of(1, 2)), Float32Array.of(2, 3));
    assert.deepEqual(normalised(Float32Array.of(3, 4)), Float32Array.of(0.6, 0.8));
    assert.deepEqual(normalised(new Float32Array(2)), new Float32Array(2));
  });
});
