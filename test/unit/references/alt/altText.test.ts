import assert from 'node:assert/strict';
import { altTextOf, altTextOfLabels } from '../../../../src/references/index.ts';

describe('The alternative text of an image', () => {
  it('consists of its first labels, or else of the words of its name', () => {
    assert.equal(altTextOf(['cat', 'animal'], 'x/1.png'), 'cat, animal');
    assert.equal(altTextOf(['a', 'b', 'c', 'd'], 'x/1.png'), 'a, b, c');
    assert.equal(altTextOf([], 'icons/arrow-left_big.min.svg'), 'arrow left big min');
    assert.equal(altTextOf([], 'logo'), 'logo');
    assert.equal(altTextOf([], 'a/.png'), '');
  });

  it('of labels has one line, and does not exist without labels', () => {
    assert.equal(altTextOfLabels(['a\n cat ', 'b']), 'a cat, b');
    assert.equal(altTextOfLabels([]), undefined);
  });
});
