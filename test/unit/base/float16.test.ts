import assert from 'node:assert/strict';
import { float16Bits, float16Bytes, float16Values, float16Vector } from '../../../src/base/float16.ts';

const bitsOf = (value: number): number => float16Bits(Float32Array.of(value))[0] ?? NaN;

describe('Half-precision numbers', () => {
  const patterns = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const native = new Float16Array(patterns.buffer);

  it('have the same value as in a Float16Array, for every bit pattern', () => {
    const values = float16Values(patterns);
    for (const pattern of patterns) assert.ok(Object.is(values[pattern], native[pattern]), `pattern ${pattern}`);
  });

  it('are rounded as in a Float16Array: exact values, midpoints, and numbers close to these', () => {
    const expected = new Float16Array(1);
    const expectedBits = new Uint16Array(expected.buffer);
    for (let pattern = 0; pattern < 0x7c00; pattern++) {
      const value = native[pattern] ?? 0;
      const next = native[pattern + 1] ?? 0;
      const middle = next === Infinity ? 65520 : (value + next) / 2;
      for (const x of [value, middle, Math.fround(middle * (1 - 2 ** -20)), Math.fround(middle * (1 + 2 ** -20))]) {
        expected[0] = x;
        assert.equal(bitsOf(x), expectedBits[0], `${x}`);
        assert.equal(bitsOf(-x), (expectedBits[0] ?? 0) | 0x8000, `-${x}`);
      }
    }
    assert.equal(bitsOf(Infinity), 0x7c00);
    assert.ok(Number.isNaN(float16Values(float16Bits(Float32Array.of(NaN)))[0]));
    assert.equal(bitsOf(1e30), 0x7c00);
    assert.equal(bitsOf(1e-30), 0);
  });

  it('keep a vector that is converted to bytes and back', () => {
    const vector = Float32Array.of(0.5, -0.25, 0, 1);
    const padded = new Uint8Array(9);
    padded.set(float16Bytes(vector), 1); // a view with an odd offset into a larger buffer
    assert.deepEqual(float16Vector(padded.subarray(1)), vector);
  });
});
