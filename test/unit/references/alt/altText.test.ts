import assert from 'node:assert/strict';
import { altTextOf, altTextOfLabels, labelsForAlt } from '../../../../src/references/index.ts';

describe('The alternative text of an image', () => {
  it('consists of its first labels, or else of the words of its name', () => {
    assert.equal(altTextOf(['cat', 'animal'], 'x/1.png'), 'cat, animal');
    assert.equal(altTextOf(['a', 'b', 'c', 'd'], 'x/1.png'), 'a, b, c');
    assert.equal(altTextOf([], 'icons/arrow-left_big.min.svg'), 'arrow left big min');
    assert.equal(altTextOf([], 'logo'), 'logo');
    assert.equal(altTextOf([], 'a/.png'), '');
  });

  it('has no kinds of pictures and no weak labels', () => {
    const scored = (label: string, score: number, manual = false) => ({ label, score, manual });
    const labels = [scored('Sprite', 0.9), scored('icons', 0.8), scored('cat', 0.3), scored('dog', 0.29)];
    assert.deepEqual(labelsForAlt(labels), ['cat']);
    assert.deepEqual(labelsForAlt([scored('bird', 0.1, true), scored('photo', 1, true)]), ['bird']);
    assert.equal(altTextOf(labelsForAlt([scored('icon', 0.9)]), 'icons/arrow-left.svg'), 'arrow left');
  });

  it('of labels has one line, and does not exist without labels', () => {
    assert.equal(altTextOfLabels(['a\n cat ', 'b']), 'a cat, b');
    assert.equal(altTextOfLabels([]), undefined);
  });
});
