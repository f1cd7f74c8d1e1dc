import assert from 'node:assert/strict';
import { remembered, storedQueries } from '../../../../src/providers/imageSearch/recentQueries.ts';

describe('Recent queries', () => {
  it('occur once, the last query first', () => {
    assert.deepEqual(remembered(['cat', 'red car'], ' Red car '), ['Red car', 'cat']);
    assert.deepEqual(remembered(['cat'], '  '), ['cat']);
    const many = Array.from({ length: 20 }, (_, i) => `query ${i}`);
    assert.deepEqual(remembered(many, 'new').length, 8);
  });

  it('are read from a stored value of any type', () => {
    assert.deepEqual(storedQueries(['cat', 3, null]), ['cat']);
    assert.deepEqual(storedQueries('cat'), []);
  });
});
