import assert from 'node:assert/strict';
import { oneLine, printable, printableJson, shortened } from '../../../src/base/printable.ts';

/** A name for each kind of character that must not reach a reader. */
const hostile: readonly (readonly [string, string, string])[] = [
  ['a line break', 'a\nb.png', String.raw`a\nb.png`],
  ['a carriage return', 'a\rb.png', String.raw`a\rb.png`],
  ['a bell and a title of the terminal', '\x1b]0;owned\x07', String.raw`\u001b]0;owned\u0007`],
  ['an erased screen', '\x1b[2J', String.raw`\u001b[2J`],
  ['a C1 control sequence', '\x9b2J', String.raw`\u009b2J`],
  ['DEL and backspace', 'a\x7f\b', String.raw`a\u007f\u0008`],
  ['an override of direction', 'a\u202egnp.exe', String.raw`a\u202egnp.exe`],
  ['isolates and marks of direction', '\u2066\u2069\u200e\u061c', String.raw`\u2066\u2069\u200e\u061c`],
  ['zero-width characters', 'a\u200bb\ufeff\u2060c\u200d', String.raw`a\u200bb\ufeff\u2060c\u200d`],
  ['line and paragraph separators', 'a\u2028b\u2029', String.raw`a\u2028b\u2029`],
  ['hidden tags', 'a\u{e0041}', String.raw`a\u{e0041}`],
  ['hidden variation selectors', 'a\ufe01\u{e0101}', String.raw`a\ufe01\u{e0101}`],
  ['half a surrogate pair', 'a\ud800b', String.raw`a\ud800b`],
];

describe('Text of others', () => {
  for (const [what, text, shown] of hostile) {
    it(`shows ${what} as an escape`, () => {
      assert.equal(printable(text), shown);
      assert.equal(printable(shown), shown, 'a second call changes nothing');
    });
  }

  it('keeps the letters of all languages, emoji and backslashes', () => {
    for (const text of ['Größe', '図像 한글', 'क्‍ष', 'می‌خواهم', '👩‍🚀 ❤️‍🔥 👍🏽 1️⃣', String.raw`C:\new\table`, 'עברית']) {
      assert.equal(printable(text), text);
    }
  });

  it('has no invisible character, whatever 100,000 characters it contains', () => {
    let seed = 7;
    let text = '';
    for (let i = 0; i < 100_000; i++) {
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      text += String.fromCodePoint((seed >> 4) % (i % 3 === 0 ? 0x110000 : 0x2100));
    }
    assert.doesNotMatch(printable(text), /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f\ufeff]/u);
    assert.equal(JSON.parse(printableJson(text)), text);
  });

  it('is the same value in JSON, without invisible characters', () => {
    const value = Object.fromEntries(hostile.map(([what, text]) => [what, [text]]));
    for (const indentation of [0, 2]) {
      const json = printableJson(value, indentation);
      assert.deepEqual(JSON.parse(json), value);
      for (const line of json.split('\n')) assert.equal(printable(line), line);
    }
    assert.equal(printableJson('\u{e0041}'), String.raw`"\udb40\udc41"`);
  });

  it('is one line in a document, without invisible characters', () => {
    assert.equal(oneLine(' two\r\n\r\nlines\u2028\u202egnp.exe\0 '), 'two lines gnp.exe');
  });

  it('is cut between characters', () => {
    assert.equal(oneLine('\u{1f600}\u{1f600}\u{1f600}', 2), '\u{1f600}…');
    assert.equal(shortened('abc', 3), 'abc');
    assert.equal(shortened('abcd', 3), 'ab…');
  });
});
