import assert from 'node:assert/strict';
import { errorOf, failureOf } from '../../../src/base/rpc/message.ts';
import { schemaProblems } from '../../../src/base/schemaProblems.ts';
import { UserError } from '../../../src/base/userError.ts';

describe('The message of a UserError', () => {
  it('shows invisible characters of names as escapes', () => {
    const { message } = new UserError('There is no image a\nb\x1b[2J\u202e.png.');
    assert.equal(message, String.raw`There is no image a\nb\u001b[2J\u202e.png.`);
  });

  it('has only the line breaks between its lines', () => {
    assert.equal(new UserError(['Two mistakes:', '  a\nb', '  c']).message, 'Two mistakes:\n  a\\nb\n  c');
  });

  it('is the same in another process', () => {
    const error = new UserError(['Two mistakes:', '  a\nb']);
    assert.equal(errorOf(failureOf(error)).message, error.message);
  });

  it('lists at most ten problems of a file, each on a short line', () => {
    const issues = Array.from({ length: 1000 }, (_, i) => ({ path: ['a', i], message: `${'x'.repeat(5000)}\n` }));
    const lines = schemaProblems({ issues });
    assert.equal(lines.length, 11);
    assert.equal(lines[10], '  and 990 more');
    assert.ok(lines.every((line) => line.length <= 300));
  });
});
