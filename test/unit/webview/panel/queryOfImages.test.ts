import assert from 'node:assert/strict';
import { parseQuery } from '../../../../src/library/index.ts';
import { queryOfImages } from '../../../../src/webview/panel/queryOfImages.ts';

describe('The query for more images like some images', () => {
  it('has each image as a term, whatever its path', () => {
    const paths = ['icons/a.png', 'my "art"/b c.svg', '-0.5*x.gif', 'path:x/y.png'];
    assert.deepEqual(
      parseQuery(queryOfImages(paths)).terms,
      paths.map((path) => ({ kind: 'image', path, weight: 1 })),
    );
  });

  it('has a limited number of images', () => {
    const paths = Array.from({ length: 100 }, (_, i) => `${i}.png`);
    assert.equal(parseQuery(queryOfImages(paths)).terms.length, 12);
  });
});
