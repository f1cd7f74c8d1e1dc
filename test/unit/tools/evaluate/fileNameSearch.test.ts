import assert from 'node:assert/strict';
import { fileName, fileNameScore, wordsOf } from '../../../../tools/evaluate/fileNameSearch.ts';

/** The matching paths, best first. */
function ranked(query: string, paths: readonly string[]): string[] {
  const score = (path: string): number => fileNameScore(wordsOf(query), fileName(path));
  return paths.filter((path) => score(path) > 0).sort((a, b) => score(b) - score(a));
}

describe('The search by file name', () => {
  it('splits words at separators, camel case and numbers, and ignores plurals', () => {
    assert.deepEqual(fileName('actions/shoppingCart2.png').words, ['action', 'shopping', 'cart', '2']);
    assert.deepEqual(wordsOf('Cherries, boxes & glass'), ['cherry', 'box', 'glass']);
    assert.deepEqual(wordsOf('box horse house axe glass arrow'), wordsOf('boxes horses houses axes glasses arrows'));
    assert.ok(fileNameScore(wordsOf('arrows'), fileName('arrow-left.svg')) > 0);
  });

  it('ranks by the number of matching words, then by length', () => {
    assert.deepEqual(
      ranked('shopping cart', ['cart-plus-fill', 'shopping', 'cart', 'shopping-cart-fill', 'shopping-cart', 'dog']),
      ['shopping-cart', 'shopping-cart-fill', 'shopping', 'cart', 'cart-plus-fill'],
    );
  });

  it('ranks parts of words after whole words', () => {
    assert.deepEqual(ranked('book', ['notebook', 'book-open-text-large']), ['book-open-text-large', 'notebook']);
  });

  it('does not find synonyms', () => {
    assert.equal(fileNameScore(wordsOf('automobile'), fileName('car.svg')), 0);
  });
});
