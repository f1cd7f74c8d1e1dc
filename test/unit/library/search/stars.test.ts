import assert from 'node:assert/strict';
import { Stars } from '../../../../src/library/search/stars.ts';

describe('Groups of near duplicates', () => {
  it('do not grow along a chain', () => {
    const stars = new Stars();
    for (let row = 0; row < 9; row++) stars.join(row, row + 1, 0.9);
    assert.deepEqual(
      stars.list().map(({ members }) => members.length),
      [3, 2, 2, 2],
    );
  });

  it('have the best connected image as their first member, and its lowest similarity', () => {
    const stars = new Stars();
    stars.join(4, 2, 0.91);
    stars.join(4, 7, 0.95);
    stars.join(4, 9, 0.99);
    assert.deepEqual(stars.list(), [{ members: [4, 2, 7, 9], least: 0.91 }]);
  });
});
