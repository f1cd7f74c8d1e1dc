import assert from 'node:assert/strict';
import { firstPrompts } from '../../../../../src/webview/page/detail/firstPrompts.ts';

describe('The first prompts of a heatmap', () => {
  const best = { set: 'Object', label: 'camera' };

  it('are the words of the search, each once', () => {
    assert.deepEqual(firstPrompts(['red car', 'road', 'red car'], best), [
      { text: 'red car', set: null },
      { text: 'road', set: null },
    ]);
    assert.equal(firstPrompts(['a', 'b', 'c', 'd'], best).length, 3);
  });

  it('are the best label without a search', () => {
    assert.deepEqual(firstPrompts([], best), [{ text: 'camera', set: 'Object' }]);
    assert.deepEqual(firstPrompts([], undefined), []);
  });
});
