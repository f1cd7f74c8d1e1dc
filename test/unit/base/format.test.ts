import assert from 'node:assert/strict';
import { exactPercent, fileSize, megabytes, memorySize, percent } from '../../../src/base/format.ts';

describe('Formatted numbers', () => {
  it('contain a file size in a suitable unit', () => {
    assert.deepEqual([0, 64, 999, 1000, 1229, 36_864, 5_242_880, 608e6, 1.713e9].map(fileSize), [
      ...['0 B', '64 B', '999 B', '1.0 kB', '1.2 kB', '37 kB', '5.2 MB', '608 MB', '1.7 GB'],
    ]);
  });

  it('contain megabytes, rounded up, and memory in GiB', () => {
    assert.deepEqual([0, 1, 1_000_000, 1_000_001].map(megabytes), [0, 1, 1, 2]);
    assert.equal(memorySize(16 * 2 ** 30), '16.0 GiB');
  });

  it('contain a score in whole percent, and 100 % only for 1', () => {
    assert.deepEqual([0, 0.004, 0.005, 0.934, 0.996, 0.99999, 1, 1.0000001].map(percent), [
      ...['0 %', '< 1 %', '1 %', '93 %', '99 %', '99 %', '100 %', '100 %'],
    ]);
  });

  it('contain a share that a user typed without insignificant digits', () => {
    assert.deepEqual([0.15, 0.155, 0.1234, 1].map(exactPercent), ['15 %', '15.5 %', '12.3 %', '100 %']);
  });
});
