import assert from 'node:assert/strict';
import { fileSize } from '../../../src/base/fileSize.ts';

describe('The size of a file', () => {
  it('has the unit that a reader expects', () => {
    assert.deepEqual([0, 64, 1023, 1024, 1229, 36_864, 5_242_880].map(fileSize), [
      '0 B',
      '64 B',
      '1023 B',
      '1.0 KB',
      '1.2 KB',
      '36 KB',
      '5.0 MB',
    ]);
  });
});
