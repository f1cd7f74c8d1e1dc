import assert from 'node:assert/strict';
import { backgroundPrompts } from '../../../../src/clip/heatmaps/background.ts';

describe('the background of a heatmap', () => {
  it('has no word with the same meaning as a prompt', () => {
    const words = backgroundPrompts('photo', ['a photo of a tree']);
    assert.ok(!words.includes('tree') && !words.includes('wood'));
    assert.ok(words.includes('sky') && words.includes('sea'));
    assert.ok(!backgroundPrompts('photo', ['the Ocean']).includes('sea'));
    assert.ok(!backgroundPrompts('photo', ['stairs']).includes('stair'));
    assert.deepEqual(backgroundPrompts('photo', ['a cat']).length, 26);
  });

  it('differs for drawings', () => {
    assert.deepEqual(backgroundPrompts('drawing', ['a cat']).length, 6);
    assert.ok(!backgroundPrompts('drawing', ['an icon of a letter']).includes('text'));
    assert.ok(backgroundPrompts('drawing', ['a white cat']).includes('plain white background'));
  });
});
