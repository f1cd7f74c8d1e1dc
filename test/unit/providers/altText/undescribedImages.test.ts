import assert from 'node:assert/strict';
import { marked, type Tokens } from 'marked';
import { undescribedImages } from '../../../../src/providers/altText/undescribedImages.ts';

/** The text after each of its images was described. */
function described(text: string, altText: string, markdown = true): string {
  return undescribedImages(text, markdown)
    .map(({ edit }) => edit(altText))
    .sort((a, b) => b.start - a.start)
    .reduce((result, { start, end, text: by }) => result.slice(0, start) + by + result.slice(end), text);
}
const paths = (text: string, markdown = true): string[] => undescribedImages(text, markdown).map(({ path }) => path);

describe('alt text', () => {
  it('goes where a Markdown image has none', () => {
    for (const [before, after] of [
      ['See ![](a.png) here', 'See ![cat, animal](a.png) here'],
      ['![ ](a.png)', '![cat, animal](a.png)'],
      ['![](<my a.png> "A title")', '![cat, animal](<my a.png> "A title")'],
      ['![](a(1).png)', '![cat, animal](a(1).png)'],
      ['[![](a.png)](https://example.org)', '[![cat, animal](a.png)](https://example.org)'],
      ['![](a.png) ![](b.png)', '![cat, animal](a.png) ![cat, animal](b.png)'],
    ] as const) {
      assert.equal(described(before, 'cat, animal'), after);
    }
  });

  it('goes where an <img> has none, or an empty one', () => {
    for (const [before, after] of [
      ['<img src="a.png">', '<img src="a.png" alt="cat">'],
      ['<img src="a.png"/>', '<img src="a.png" alt="cat"/>'],
      ['<img src=a.png>', '<img src=a.png alt="cat">'],
      ['<img alt="" src="a.png">', '<img alt="cat" src="a.png">'],
      ["<IMG ALT='' SRC='a.png' >", `<IMG alt="cat" SRC='a.png' >`],
      ['<img alt src="a.png">', '<img alt="cat" src="a.png">'],
      ['<img\n  class="x > y"\n  src="a.png"\n>', '<img\n  class="x > y"\n  src="a.png" alt="cat"\n>'],
      ['<img data-alt="x" data-src="b.png" src="a.png">', '<img data-alt="x" data-src="b.png" src="a.png" alt="cat">'],
    ] as const) {
      assert.equal(described(before, 'cat', false), after);
    }
  });

  it('stays where there is one, and where there is no image', () => {
    for (const text of [
      '![a cat](a.png)',
      '\\![](a.png)',
      '[](a.png)',
      '![][ref]',
      '<img src="a.png" alt="a cat">',
      '<img alt="x">',
      '<imgs src="a.png">',
      '<image src="a.png">',
      '<img src="a.png',
    ]) {
      assert.equal(described(text, 'cat'), text);
    }
    assert.equal(described('![](a.png)', 'cat', false), '![](a.png)', 'HTML has no Markdown');
  });

  it('is looked for in both of Markdown and its HTML', () => {
    assert.deepEqual(paths('![](a.png)\n\n<p><img src="b&amp;c.png"></p>'), ['a.png', 'b&c.png']);
  });

  const hostile = [
    '](evil.png) ![x',
    '[a](command:x)',
    '`code',
    '<b>x</b>',
    '"><script>',
    "'\" onerror='x",
    '\\',
    '*a* _b_ ~~c~~',
    '&lt;b&gt; &amp;',
    '![',
    'a]b[c',
  ];
  for (const label of hostile) {
    it(`shows the label ${JSON.stringify(label)} as it is`, () => {
      const images: { href: string; text: string }[] = [];
      marked.walkTokens(marked.lexer(described('Before ![](a.png) after', label)), (token) => {
        assert.ok(!['html', 'link', 'codespan', 'del'].includes(token.type), token.type);
        if (token.type === 'image')
          images.push({ href: (token as Tokens.Image).href, text: (token as Tokens.Image).text });
      });
      assert.equal(images.length, 1);
      assert.equal(images[0]?.href, 'a.png');

      const html = described('<p><img src="a.png"></p>', label, false);
      assert.match(html, /^<p><img src="a\.png" alt="[^"<>]*"><\/p>$/);
    });
  }
});
