import assert from 'node:assert/strict';
import { otherWordings } from '../../../../src/library/search/nameSynonyms.ts';

const LABELS = [
  { name: 'trash', synonyms: ['bin', 'garbage can'] },
  { name: 'vehicle', synonyms: ['car', 'bus'] },
  { name: 'arrow' },
];

describe('other wordings of a query', () => {
  it('replace the name of a label by its synonyms, and a synonym by the name', () => {
    assert.deepEqual(otherWordings('trash', LABELS), [['bin'], ['garbage', 'can']]);
    assert.deepEqual(otherWordings('red garbage cans', LABELS), [['red', 'trash']]);
    assert.deepEqual(otherWordings('BUS', LABELS), [['vehicle']]);
  });

  it('are none for words that no label has', () => {
    assert.deepEqual(otherWordings('garbage', LABELS), []);
    assert.deepEqual(otherWordings('arrow', LABELS), []);
    assert.deepEqual(otherWordings('', LABELS), []);
  });

  it('do not repeat a word of the query', () => {
    assert.deepEqual(otherWordings('trash bin', LABELS), [['garbage', 'can', 'bin']]);
  });
});
