import assert from 'node:assert/strict';
import { containsWord, fileWords, tellingWords, wordsOf } from '../../../../src/library/search/pathWords.ts';

describe('Words of names', () => {
  it('are separated by case, digits and punctuation', () => {
    assert.deepEqual(wordsOf('ShoppingCart_2x'), ['shopping', 'cart', '2', 'x']);
    assert.deepEqual(wordsOf('SVGIcon-größeÜber'), ['svg', 'icon', 'größe', 'über']);
    assert.deepEqual(wordsOf('ic_launcher.round'), ['ic', 'launcher', 'round']);
    assert.deepEqual(wordsOf('Gro\u0308ße 画像'), ['größe', '画像']);
    assert.deepEqual(wordsOf('--'), []);
  });

  it('are equal in singular and plural', () => {
    for (const [one, many] of [
      ['car', 'cars'],
      ['box', 'boxes'],
      ['berry', 'berries'],
      ['watch', 'watches'],
      ['house', 'houses'],
      ['image', 'images'],
    ]) {
      assert.deepEqual(wordsOf(many ?? ''), wordsOf(one ?? ''), many);
    }
    assert.deepEqual(wordsOf('glass bus iris gas'), ['glass', 'bus', 'iris', 'gas']);
  });

  it('match compounds that are written apart, and the other way round', () => {
    const contains = (name: string, word: string, ...others: string[]): boolean =>
      containsWord(new Set(wordsOf(name)), word, others);
    assert.ok(contains('space-shooter/ships', 'spaceship'));
    assert.ok(contains('ShoppingCarts', 'shoppingcart'));
    assert.ok(contains('spaceship', 'space', 'ship') && contains('spaceship', 'ship', 'space'));
    assert.ok(!contains('spaceship', 'ship') && !contains('space', 'spaceship'));
    assert.ok(!contains('hip s', 'ships'));
  });

  it('do not include the extension of the file', () => {
    assert.deepEqual([...fileWords('red-cars.min.svg')], ['red', 'car', 'min']);
    assert.deepEqual([...fileWords('.svg')], ['svg']);
  });

  it('in a query do not include stop words', () => {
    assert.deepEqual(tellingWords('the cat and a cat on the mats'), ['cat', 'mat']);
  });
});
