import assert from 'node:assert/strict';
import { parseJson } from '../../../src/base/parseJson.ts';

describe('parseJson', () => {
  it('parses JSON', () => {
    assert.deepEqual(parseJson('{"a": [1, "[[\\"[["]}'), { a: [1, '[["[['] });
  });

  it('refuses deep nesting, which recursive code could not process', () => {
    assert.deepEqual(parseJson('['.repeat(100) + ']'.repeat(100)), JSON.parse('['.repeat(100) + ']'.repeat(100)));
    assert.throws(() => parseJson('['.repeat(101) + ']'.repeat(101)), /nested deeper than 100 levels/);
    assert.throws(() => parseJson('{"a":'.repeat(1_000_000)), /nested deeper/);
  });

  it('does not quote the text in its message', () => {
    for (const text of ['secret', '{"a": secret}', '"secret', '', '{\n  "a": secret\n}']) {
      assert.throws(
        () => parseJson(text),
        ({ message }: Error) => message.startsWith('it is not valid JSON') && !message.includes('secr'),
      );
    }
  });
});
