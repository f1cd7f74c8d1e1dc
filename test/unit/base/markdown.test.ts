import assert from 'node:assert/strict';
import { marked, type Token, type Tokens } from 'marked';
import { escapeMarkdown } from '../../../src/base/markdown.ts';

/** The tokens of a Markdown renderer, including those inside others. */
function tokensOf(markdown: string): Token[] {
  const tokens: Token[] = [];
  marked.walkTokens(marked.lexer(markdown, { gfm: true }), (token) => {
    tokens.push(token);
  });
  return tokens;
}

function shownText(tokens: readonly Token[]): string {
  const leaves = tokens.filter(({ type }) => type === 'text' || type === 'escape') as Tokens.Text[];
  return leaves.map(({ text }) => text).join('');
}

describe('Text in Markdown', () => {
  it('has no backslash before a character without a meaning in Markdown', () => {
    for (const text of ['cat, animal', "a t-shirt; it's 50 % off", 'icons/a.png', 'Größe 2.5', '画像 🐈', 'why?']) {
      assert.equal(escapeMarkdown(text), text);
    }
    assert.equal(escapeMarkdown('R&amp;D [x] *y*'), 'R\\&amp;D \\[x\\] \\*y\\*');
    assert.equal(escapeMarkdown('- 1. www.a.b'), '\\- 1. www\\.a.b');
    assert.equal(escapeMarkdown('1. a'), '1\\. a');
    assert.equal(escapeMarkdown('1.2 KB'), '1.2 KB');
  });

  it('is shown unchanged', () => {
    const parts = [
      ...Array.from('\\`*_{}[]()<>#&!|~^$:@+-=.,;?%/"\' '),
      'a',
      '1',
      'www',
      'http',
      'x@y.z',
      '&lt;',
      '```',
      '---',
      '<b>',
    ];
    let seed = 1;
    for (let round = 0; round < 5000; round++) {
      let text = '';
      for (let i = 0; i < 12; i++) {
        seed = (seed * 1103515245 + 12345) % 2 ** 31;
        text += parts[(seed >> 8) % parts.length] ?? '';
      }
      text = text.replace(/ +/g, ' ').trim();
      if (text === '') continue;
      const tokens = tokensOf(escapeMarkdown(text));
      const markup = tokens.filter(({ type }) => !['paragraph', 'text', 'escape'].includes(type));
      assert.deepEqual(markup, [], text);
      assert.equal(shownText(tokens), text);
      const inline = tokensOf(`![${escapeMarkdown(text)}](a.png)`).filter(({ type }) => type === 'image');
      assert.equal((inline[0] as Tokens.Image | undefined)?.href, 'a.png', text);
    }
  });
});
