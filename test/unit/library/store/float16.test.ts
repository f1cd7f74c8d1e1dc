import assert from 'node:assert/strict';
import { float16Bits, float16Bytes, float16Value, float16Vector } from '../../../../src/library/store/float16.ts';

describe('float16', () => {
  const patterns = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const values = new Float16Array(patterns.buffer);

  it('reads every bit pattern as the platform does', () => {
    for (const pattern of patterns) assert.ok(Object.is(float16Value(pattern), values[pattern]), `pattern ${pattern}`);
  });

  it('rounds as the platform does: every value, and what lies half-way and near it', () => {
    const own = new Float16Array(1);
    const ownBits = new Uint16Array(own.buffer);
    for (let pattern = 0; pattern < 0x7c00; pattern++) {
      const value = values[pattern] ?? 0;
      const next = values[pattern + 1] ?? 0;
      const middle = next === Infinity ? 65520 : (value + next) / 2;
      for (const x of [value, middle, Math.fround(middle * (1 - 2 ** -20)), Math.fround(middle * (1 + 2 ** -20))]) {
        own[0] = x;
        assert.equal(float16Bits(x), ownBits[0], `${x}`);
        assert.equal(float16Bits(-x), (ownBits[0] ?? 0) | 0x8000, `-${x}`);
      }
    }
    assert.equal(float16Bits(Infinity), 0x7c00);
    assert.ok(Number.isNaN(float16Value(float16Bits(NaN))));
    assert.equal(float16Bits(1e30), 0x7c00);
    assert.equal(float16Bits(1e-30), 0);
  });

  it('brings a vector through its bytes', () => {
    const vector = Float32Array.of(0.5, -0.25, 0, 1);
    const padded = new Uint8Array(9);
    padded.set(float16Bytes(vector), 1); // at an odd offset, as a view into a larger buffer may be
    assert.deepEqual(float16Vector(padded.subarray(1)), vector);
  });
});
