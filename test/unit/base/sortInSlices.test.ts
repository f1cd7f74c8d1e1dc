import assert from 'node:assert/strict';
import { sortInSlices } from '../../../src/base/sortInSlices.ts';
import { timeSlices } from '../../../src/base/timeSlices.ts';

describe('sortInSlices', () => {
  it('sorts stably, for all lengths around the size of a run', async () => {
    let seed = 7;
    const random = (): number => (seed = (seed * 48271) % 2147483647) / 2147483647;
    for (const length of [0, 1, 2, 255, 256, 257, 511, 512, 513, 1024, 1500, 4097]) {
      const keys = Uint32Array.from({ length }, () => Math.floor(random() * 20));
      const items = Uint32Array.from({ length }, (_, i) => i);
      const compare = (a: number, b: number): number => (keys[a] ?? 0) - (keys[b] ?? 0);
      const before = items.slice();
      assert.deepEqual(await sortInSlices(items, compare, timeSlices()), items.toSorted(compare), String(length));
      assert.deepEqual(items, before, 'the input is not changed');
    }
  });
});
