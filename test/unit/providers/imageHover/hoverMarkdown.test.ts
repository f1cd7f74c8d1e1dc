import assert from 'node:assert/strict';
import { marked, type Token, type Tokens } from 'marked';
import { printable } from '../../../../src/base/printable.ts';
import { hoverMarkdown, type HoverContent } from '../../../../src/providers/imageHover/hoverMarkdown.ts';
import { shownSize, THUMBNAIL_BOX } from '../../../../src/providers/imageHover/thumbnailSize.ts';

const uri = { $mid: 1, scheme: 'file', path: '/ws/a (1) "x".png' };
const content: HoverContent = {
  name: 'camera.png',
  facts: ['64 × 64 px PNG', '1.2 KB'],
  picture: { bytes: Uint8Array.from([1, 2, 3]), width: 64, height: 48, alt: 'Thumbnail' },
  tags: [
    { label: 'chosen', score: 1, manual: true },
    { label: 'camera', score: 0.62, manual: false },
    { label: 'all', score: 1, manual: false },
  ],
  manual: 'manual',
  notes: ['2 copies'],
  links: [
    { title: 'Find Similar', command: 'assetlens.findSimilar', argument: uri },
    { title: 'Tag Workspace Images', command: 'assetlens.tagWorkspace' },
  ],
};

/** The tokens of a Markdown renderer, including those inside others. */
function tokensOf(markdown: string): Token[] {
  const tokens: Token[] = [];
  marked.walkTokens(marked.lexer(markdown, { gfm: true }), (token) => {
    tokens.push(token);
  });
  return tokens;
}
const ofType = (tokens: readonly Token[], type: string): Tokens.Generic[] =>
  tokens.filter((token) => token.type === type);
const shownText = (tokens: readonly Token[]): string =>
  tokens.map((token) => (token.type === 'text' || token.type === 'escape' ? (token as Tokens.Text).text : '')).join('');

describe('The hover of an image', () => {
  it('shows picture, name, facts, labels with bars, notes and links', () => {
    const tokens = tokensOf(hoverMarkdown(content));
    assert.deepEqual(
      ofType(tokens, 'image').map(({ href }) => href as string),
      ['data:image/webp;base64,AQID|width=64,height=48'],
    );
    const [code] = ofType(tokens, 'code');
    assert.deepEqual((code?.['text'] as string).split('\n'), [
      '██████████      ✓  chosen (manual)',
      '██████░░░░   62 %  camera',
      '██████████  100 %  all',
    ]);
    const text = shownText(tokens);
    for (const expected of ['camera.png', '64 × 64 px PNG, 1.2 KB', '2 copies', 'Find Similar']) {
      assert.ok(text.includes(expected), `${expected} is not in ${text}`);
    }
  });

  it('passes the URI of the image to its links', () => {
    const [similar, tag] = ofType(tokensOf(hoverMarkdown(content)), 'link').map(({ href }) => href as string);
    const [command, query] = (similar ?? '').split('?');
    assert.equal(command, 'command:assetlens.findSimilar');
    assert.deepEqual(JSON.parse(decodeURIComponent(query ?? '')), [uri]);
    assert.equal(tag, 'command:assetlens.tagWorkspace');
  });

  const hostile = [
    '](command:evil)',
    '[x](command:evil)',
    '![x](https://evil.example/x.png)',
    '<img src=x onerror=alert(1)>',
    '<a href="command:evil">x</a>',
    '</code></pre><script>alert(1)</script>',
    '`code` ``` ~~~',
    '```\n[x](command:evil)\n```',
    '~~~\n<b>x</b>',
    'a\n\n# heading\n\n- list\n\n[x](command:evil)',
    'a\r[x]: command:evil\r\u2028[x]',
    '**bold** _it_ *it* ~~gone~~',
    'www.evil.example',
    'https://evil.example/a?b=c',
    'mail@evil.example',
    '<https://evil.example>',
    '&lt;b&gt; &amp; &#60;b&#62;',
    '$(alert) $(x~spin)',
    '| a | b |\n|---|---|\n| 1 | 2 |',
    '> quote',
    '1. list',
    '\\](command:evil)\\',
    '\u202egnp.exe',
    '---',
    '    indented',
    '[^1] [ ] :x: @user #1',
  ];
  for (const name of hostile) {
    it(`shows ${JSON.stringify(name)} as text in a name, a label and a note`, () => {
      const plain = tokensOf(hoverMarkdown({ ...content, name: 'x', notes: ['y'] }));
      const tokens = tokensOf(
        hoverMarkdown({ ...content, name, notes: [name], tags: [{ label: name, score: 0.5, manual: false }] }),
      );
      const kinds = (of: readonly Token[]): string[] =>
        of.map(({ type }) => type).filter((type) => type !== 'text' && type !== 'escape');
      assert.deepEqual(kinds(tokens), kinds(plain));
      assert.deepEqual(
        ofType(tokens, 'link').map(({ href }) => href as string),
        ofType(plain, 'link').map(({ href }) => href as string),
      );
      assert.equal((ofType(tokens, 'code')[0]?.['text'] as string).split('\n').length, 1);
      const visible = printable(name).trim();
      assert.ok(shownText(tokens).includes(visible), `${shownText(tokens)} does not show ${visible}`);
    });
  }

  it('cuts off long names and labels between characters', () => {
    const long = '\u{1f600}'.repeat(10_000);
    const markdown = hoverMarkdown({
      ...content,
      name: long,
      notes: [long],
      tags: [{ label: long, score: 1, manual: false }],
    });
    assert.ok(markdown.length < 3000, String(markdown.length));
    assert.ok(markdown.isWellFormed());
    assert.ok(markdown.includes('…'));
  });

  it('shows the other parts without a picture', () => {
    const markdown = hoverMarkdown({ ...content, picture: null, tags: [], notes: [], links: [], facts: ['1.2 KB'] });
    assert.equal(markdown, '**camera.png** — 1.2 KB');
    assert.equal(
      hoverMarkdown({ ...content, picture: null, tags: [], notes: [], links: [], facts: [] }),
      '**camera.png**',
    );
  });

  it('has at most 100,000 characters with the largest thumbnail', () => {
    const picture = { bytes: new Uint8Array(36 * 1024), width: 240, height: 160, alt: 'Thumbnail' };
    const markdown = hoverMarkdown({ ...content, picture });
    assert.ok(markdown.length < 100_000);
    const [image] = ofType(tokensOf(markdown), 'image');
    assert.ok((image?.['href'] as string).length <= 50 * 1024);
  });
});

describe('The picture of a hover', () => {
  const thumbnail = (width: number, height: number, original: [number, number], format = 'PNG') => ({
    bytes: new Uint8Array(),
    width,
    height,
    image: { width: original[0], height: original[1], format, bytes: 1 },
  });

  it('has the size of the image if it fits, and is reduced otherwise', () => {
    assert.deepEqual(shownSize(thumbnail(64, 64, [64, 64])), { width: 64, height: 64 });
    assert.deepEqual(shownSize(thumbnail(224, 224, [2000, 2000])), { width: 112, height: 112 });
    assert.deepEqual(shownSize(thumbnail(480, 120, [4000, 1000])), { width: 240, height: 60 });
    assert.deepEqual(shownSize(thumbnail(200, 200, [200, 200])), { width: 112, height: 112 });
  });

  it('fills the box if it is a vector graphic or was enlarged', () => {
    assert.deepEqual(shownSize(thumbnail(224, 224, [24, 24], 'SVG')), { width: 112, height: 112 });
    assert.deepEqual(shownSize(thumbnail(224, 224, [16, 16])), { width: 112, height: 112 });
    assert.deepEqual(THUMBNAIL_BOX, { width: 480, height: 224 });
  });

  it('keeps a side of at least one pixel', () => {
    assert.deepEqual(shownSize(thumbnail(480, 1, [9000, 3])), { width: 240, height: 1 });
  });
});
