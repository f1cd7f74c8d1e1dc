import assert from 'node:assert/strict';
import { exactPercent, fileSize, megabytes, memorySize, percent, sizesApart } from '../../../src/base/format.ts';

describe('Formatted numbers', () => {
  it('contain a file size in a suitable unit', () => {
    assert.deepEqual([0, 64, 999, 1000, 1229, 36_864, 5_242_880, 608e6, 1.713e9].map(fileSize), [
      ...['0 B', '64 B', '999 B', '1.0 kB', '1.2 kB', '37 kB', '5.2 MB', '608 MB', '1.7 GB'],
    ]);
  });

  it('have so many digits that two different sizes have different texts', () => {
    assert.deepEqual(sizesApart(100e6, 64e6), ['100 MB', '64 MB']);
    assert.deepEqual(sizesApart(64_000_400, 64e6), ['64.0004 MB', '64 MB']);
    assert.deepEqual(sizesApart(64_400_000, 64e6), ['64.4 MB', '64 MB']);
    assert.deepEqual(sizesApart(1_000_000_001, 1e9), ['1.000000001 GB', '1 GB']);
    assert.deepEqual(sizesApart(1000, 999_999), ['1.0 kB', '1000 kB']);
    assert.deepEqual(sizesApart(1_000_000, 999_999), ['1.0 MB', '1000 kB']);
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
