import assert from 'node:assert/strict';
import { filterInSlices, forEachInSlices, timeSlices } from '../../../src/base/timeSlices.ts';

describe('Work in time slices', () => {
  it('visits every item once, in order, and pauses in between', async () => {
    const items = Array.from({ length: 1000 }, (_, i) => `item ${i}`);
    const visited: string[] = [];
    let pauses = 0;
    const pause = (): Promise<void> => {
      pauses++;
      return Promise.resolve();
    };
    const visit = (item: string, i: number): void => {
      assert.equal(items[i], item);
      visited.push(item);
    };
    await forEachInSlices(items, visit, pause);
    assert.deepEqual(visited, items);
    assert.ok(pauses > 1);
  });

  it('filters in order', async () => {
    const items = Uint32Array.from({ length: 1000 }, (_, i) => 1000 - i);
    const isEven = (item: number): boolean => item % 2 === 0;
    assert.deepEqual(await filterInSlices(items, isEven, timeSlices()), items.filter(isEven));
  });

  it('ends when the pause rejects', async () => {
    const cancelled = (): Promise<void> => Promise.reject(new Error('cancelled'));
    await assert.rejects(
      forEachInSlices([1], () => undefined, cancelled),
      /cancelled/,
    );
  });

  it('lets other work of the thread run once a slice is used up', async () => {
    const pause = timeSlices();
    let turned = false;
    setImmediate(() => (turned = true));
    await pause();
    assert.equal(turned, false);
    for (const end = performance.now() + 20; performance.now() < end;);
    await pause();
    assert.equal(turned, true);
  });
});
