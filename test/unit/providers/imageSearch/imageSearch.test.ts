import assert from 'node:assert/strict';
import { insertedPath } from '../../../../src/providers/imageSearch/insertedPath.ts';
import { remembered, storedQueries } from '../../../../src/providers/imageSearch/recentQueries.ts';

describe('The path of an image in a document', () => {
  const inserted = (document: string | undefined, image: string, language: string): string =>
    insertedPath(document, '/w', image, language);

  it('is relative to the document', () => {
    assert.equal(inserted('/w/docs/a.txt', '/w/img/x.png', 'plaintext'), '../img/x.png');
    assert.equal(inserted('/w/a.md', '/w/img/x.png', 'markdown'), 'img/x.png');
    assert.equal(inserted(undefined, '/w/img/x.png', 'markdown'), 'img/x.png');
  });

  it('begins with a dot where imports ask for one', () => {
    assert.equal(inserted('/w/src/a.ts', '/w/src/img/x.png', 'typescript'), './img/x.png');
    assert.equal(inserted('/w/src/a.tsx', '/w/img/x.png', 'typescriptreact'), '../img/x.png');
    assert.equal(inserted('/w/a.vue', '/w/x y.png', 'vue'), './x%20y.png');
  });

  it('is a URL where URLs are written, and keeps letters of any script', () => {
    const image = '/w/Übersicht 図/2 #x%20 (1).png';
    assert.equal(inserted('/w/a.md', image, 'markdown'), 'Übersicht%20図/2%20%23x%2520%20%281%29.png');
    assert.equal(inserted('/w/a.py', image, 'python'), 'Übersicht 図/2 #x%20 (1).png');
    assert.equal(decodeURI(inserted('/w/a.css', '/w/a b.png', 'css')), 'a b.png');
  });
});

describe('Recent queries', () => {
  it('are each there once, the last one first', () => {
    assert.deepEqual(remembered(['cat', 'red car'], ' Red car '), ['Red car', 'cat']);
    assert.deepEqual(remembered(['cat'], '  '), ['cat']);
    const many = Array.from({ length: 20 }, (_, i) => `query ${i}`);
    assert.deepEqual(remembered(many, 'new').length, 8);
  });

  it('are read from whatever is stored', () => {
    assert.deepEqual(storedQueries(['cat', 3, null]), ['cat']);
    assert.deepEqual(storedQueries('cat'), []);
  });
});
