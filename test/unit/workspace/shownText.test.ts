import assert from 'node:assert/strict';
import { messageText, nameInList, printableItem, printableLines } from '../../../src/workspace/shownText.ts';

describe('Text of others in the editor', () => {
  it('cannot make a link to a command in a message', () => {
    // The pattern with which the editor finds links in notifications.
    const link = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/gi;
    for (const name of ['[Fix](command:evil).png', '[a]]((command:x)](command:evil)', '[x](https://evil.example)']) {
      assert.match(`${name} ](`, /\]\(/);
      assert.doesNotMatch(messageText(`${name} cannot be read.`), link);
    }
  });

  it('cannot show an icon in a list', () => {
    assert.equal(nameInList('$(check) in use.png'), String.raw`\$(check) in use.png`);
    assert.equal(nameInList('US$ (2).png'), 'US$ (2).png');
  });

  it('has no invisible characters in the lines of a list, which keep their other properties', () => {
    const item = printableItem({ label: '$(tag) a\nb', description: '\u202ex', detail: '\x1b[2J', alwaysShow: true });
    const shown = { label: '$(tag) a\\nb', description: String.raw`\u202ex`, detail: String.raw`\u001b[2J` };
    assert.deepEqual(item, { ...shown, alwaysShow: true });
    assert.deepEqual(Object.keys(printableItem({ label: 'a' })), ['label']);
  });

  it('keeps the lines of a message', () => {
    assert.equal(printableLines('one\r\ntwo\x07\nthree'), 'one\ntwo\\u0007\nthree');
  });
});
