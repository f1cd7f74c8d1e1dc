import assert from 'node:assert/strict';
import { joined, linesOf, text } from '../../../src/cli/text.ts';

describe('Text for the terminal', () => {
  it('has the line breaks of the program, but none of a name', () => {
    const name = 'a\nforged\x1b[2J\u202e';
    const shown = String.raw`a\nforged\u001b[2J\u202e`;
    assert.equal(text`${name}: ${2} images\n`.toString(), `${shown}: 2 images\n`);
    assert.equal(text`1\n${text`${name}\n`}3`.toString(), `1\n${shown}\n3`);
    assert.equal(joined([text`${name}`, text`b`], '\n').toString(), `${shown}\nb`);
  });

  it('has no other controls if it has several lines', () => {
    assert.equal(linesOf('Error\r\n  at \x9b2J\n').toString(), 'Error\n  at \\u009b2J\n');
  });
});
