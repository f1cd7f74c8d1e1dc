import assert from 'node:assert/strict';
import { fileName, fileNameScore, wordsOf } from '../../../../tools/evaluate/fileNameSearch.ts';

/** The best first; equals keep their order. */
function ranked(query: string, paths: readonly string[]): string[] {
  const score = (path: string): number => fileNameScore(wordsOf(query), fileName(path));
  return paths.filter((path) => score(path) > 0).sort((a, b) => score(b) - score(a));
}

describe('search by file name', () => {
  it('knows separators, camel case, numbers and plurals', () => {
    assert.deepEqual(fileName('actions/shoppingCart2.png').words, ['action', 'shopping', 'cart', '2']);
    assert.deepEqual(wordsOf('Cherries, boxes & glass'), ['cherry', 'box', 'glass']);
    assert.deepEqual(wordsOf('box horse house axe glass arrow'), wordsOf('boxes horses houses axes glasses arrows'));
    assert.ok(fileNameScore(wordsOf('arrows'), fileName('arrow-left.svg')) > 0);
  });

  it('puts more words that match first, then the shorter name', () => {
    assert.deepEqual(
      ranked('shopping cart', ['cart-plus-fill', 'shopping', 'cart', 'shopping-cart-fill', 'shopping-cart', 'dog']),
      ['shopping-cart', 'shopping-cart-fill', 'shopping', 'cart', 'cart-plus-fill'],
    );
  });

  it('finds parts of words, after whole ones', () => {
    assert.deepEqual(ranked('book', ['notebook', 'book-open-text-large']), ['book-open-text-large', 'notebook']);
  });

  it('finds nothing for another word', () => {
    assert.equal(fileNameScore(wordsOf('automobile'), fileName('car.svg')), 0);
  });
});
