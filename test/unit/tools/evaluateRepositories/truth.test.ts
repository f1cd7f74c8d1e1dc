import assert from 'node:assert/strict';
import { Truth } from '../../../../tools/evaluateRepositories/truth.ts';
import type { SampleImage } from '../../../../tools/evaluateRepositories/samples.ts';

const SETS = [
  {
    labels: [
      { name: 'animal', synonyms: ['dog'] },
      { name: 'food' },
      { name: 'trash', synonyms: ['delete'] },
      { name: 'sprite' },
      { name: 'landscape' },
    ],
  },
];

function image(name: string, labels: readonly string[] | null = null): SampleImage {
  return { file: 'a.png', name, labels, read: () => Promise.resolve(new Uint8Array()) };
}

describe('The truth about an image of a sample', () => {
  const truth = new Truth('game-art', SETS);

  it('follows from its name: the words of a label, its synonyms and its members', () => {
    assert.equal(truth.verdict('animal', image('two foxes')), 'right');
    assert.equal(truth.verdict('trash', image('delete')), 'right');
    assert.equal(truth.verdict('food', image('fox')), 'wrong');
    assert.equal(truth.verdict('food', image('hot dog')), 'right');
    assert.equal(truth.verdict('animal', image('hot dog')), 'wrong');
  });

  it('is open if no label has the words of the name, and for what a name does not say', () => {
    assert.equal(truth.verdict('animal', image('zyxgh')), 'open');
    assert.equal(truth.verdict('landscape', image('fox')), 'open');
  });

  it('includes the kind of the pictures', () => {
    assert.equal(truth.verdict('sprite', image('zyxgh')), 'right');
    assert.equal(new Truth('photos', SETS).verdict('sprite', image('zyxgh')), 'wrong');
  });

  it('is the list of labels if there is one', () => {
    assert.equal(truth.verdict('trash', image('fox', ['Delete'])), 'right');
    for (const label of ['animal', 'sprite', 'landscape'])
      assert.equal(truth.verdict(label, image('fox', ['trash'])), 'wrong');
  });
});
