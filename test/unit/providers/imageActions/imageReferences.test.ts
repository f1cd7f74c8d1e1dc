import assert from 'node:assert/strict';
import {
  altText,
  cssReference,
  encodePath,
  htmlReference,
  markdownReference,
} from '../../../../src/providers/imageActions/imageReferences.ts';

/** File names that somebody may have; all are allowed on Linux. */
const HOSTILE = [
  'a b.png',
  'a (1).png',
  'x](javascript:alert(1)).png',
  '"><script>.png',
  "it's.png",
  'Größe/画像 🐈.png',
  '100%.png',
  '%20.png',
  'a#b?c=d&e.png',
  'back\\slash.png',
  'java:script.png',
  'line\nbreak\u2028.png',
  '*/ } body { x: url(evil.png',
  '`code`|{{x}}^<!--.png',
  '\u202egnp.exe.png',
];

describe('References to images', () => {
  it('are written as Markdown, HTML and CSS', () => {
    const image = { path: 'icons/big cat.png', alt: 'cat, animal', size: { width: 32, height: 16 } };
    assert.equal(markdownReference(image), '![cat, animal](icons/big%20cat.png)');
    assert.equal(htmlReference(image), '<img src="icons/big%20cat.png" alt="cat, animal" width="32" height="16">');
    assert.equal(cssReference(image), 'url("icons/big%20cat.png")');
    assert.equal(htmlReference({ path: 'a.png', alt: '' }), '<img src="a.png" alt="">');
  });

  it('lead to the file again, whatever its name', () => {
    for (const path of HOSTILE) {
      const encoded = encodePath(path);
      const url = new URL(encoded, 'file:///base/');
      assert.equal(url.protocol, 'file:', path);
      assert.equal(decodeURIComponent(url.pathname), `/base/${path}`, path);
      assert.equal(url.search + url.hash, '', path);
    }
  });

  it('keep what they stand in whole', () => {
    for (const path of HOSTILE) {
      for (const text of [encodePath(path), cssReference({ path, alt: path }).slice(5, -2)]) {
        assert.doesNotMatch(text, /[\s"'<>()[\]{}\\`|]/, path);
      }
      const html = htmlReference({ path, alt: path });
      assert.match(html, /^<img src="[^"<>]*" alt="[^"<>]*">$/, path);
      // Every bracket of the alt text is escaped, so that the only unescaped ones are our own.
      assert.match(markdownReference({ path, alt: path }), /^!\[(?:[^\\[\]]|\\.)*\]\([^()]*\)$/u, path);
    }
  });

  it('keep letters of all scripts readable', () => {
    assert.equal(encodePath('Größe/画像.png'), 'Größe/画像.png');
    assert.equal(encodePath('a\ud800.png'), 'a%EF%BF%BD.png'); // half a character is none
  });

  it('escape the alt text: it is neither markup nor an entity', () => {
    assert.equal(markdownReference({ path: 'a.png', alt: 'R&amp;D [x] *y*' }), '![R\\&amp;D \\[x\\] \\*y\\*](a.png)');
    assert.equal(
      htmlReference({ path: 'a.png', alt: '"R&D" <b>' }),
      '<img src="a.png" alt="&quot;R&amp;D&quot; &lt;b&gt;">',
    );
    assert.equal(markdownReference({ path: 'a.png', alt: ' two\r\n\r\nlines ' }), '![two lines](a.png)');
  });
});

describe('Alt text', () => {
  it('is the labels, or else what the name says', () => {
    assert.equal(altText(['cat', 'animal'], 'x/1.png'), 'cat, animal');
    assert.equal(altText([], 'icons/arrow-left_big.min.svg'), 'arrow left big min');
    assert.equal(altText([], 'logo'), 'logo');
    assert.equal(altText([], 'a/.png'), '');
  });
});
