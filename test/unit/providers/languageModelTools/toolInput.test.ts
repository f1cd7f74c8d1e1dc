import assert from 'node:assert/strict';
import path from 'node:path';
import { UserError } from '../../../../src/base/userError.ts';
import { describeInput, pathsInFolder, searchInput } from '../../../../src/providers/languageModelTools/toolInput.ts';

describe('The input of a tool', () => {
  it('has a query, and a limit that is clamped to its range', () => {
    assert.deepEqual(searchInput({ query: 'red car' }), { query: 'red car', limit: 20 });
    const limits = [3, 3.9, -1, 0, 1e9].map((limit) => searchInput({ query: 'x', limit }).limit);
    assert.deepEqual(limits, [3, 3, 1, 1, 100]);
    assert.equal(searchInput({ query: 'x', limit: null }).limit, 20);
  });

  it('is refused with a message that a model can follow', () => {
    for (const input of [undefined, null, 'car', {}, { query: '' }, { query: ' ' }, { query: 3 }, { query: ['a'] }]) {
      assert.throws(
        () => searchInput(input),
        (error) => error instanceof UserError && error.message.startsWith('"query" must be'),
      );
    }
    for (const limit of ['3', NaN, Infinity, {}]) {
      assert.throws(() => searchInput({ query: 'x', limit }), /^UserError: "limit" must be a number from 1 to 100/);
    }
    for (const input of [undefined, {}, { path: '' }, { path: 1 }]) {
      assert.throws(() => describeInput(input), /^UserError: "path" must be the path of an image/);
    }
    assert.deepEqual(describeInput({ path: 'a.png' }), { file: 'a.png', includeMaybe: false });
    assert.equal(describeInput({ path: 'a.png', includeMaybe: true }).includeMaybe, true);
    assert.equal(describeInput({ path: 'a.png', includeMaybe: 'yes' }).includeMaybe, false);
  });

  it('has a path with or without the name of the folder before it', () => {
    const root = path.resolve('/repo/web');
    const read = (file: string, several: boolean): string[] => pathsInFolder(file, root, 'web', several);
    assert.deepEqual(read('icons/a.png', true), ['icons/a.png']);
    assert.deepEqual(read('web/icons/a.png', true), ['icons/a.png', 'web/icons/a.png']);
    assert.deepEqual(read('web/icons/a.png', false), ['web/icons/a.png', 'icons/a.png']);
    assert.deepEqual(read('src/web/a.png', true), ['src/web/a.png']); // only the first part can be the name of the folder
    assert.deepEqual(read('.\\icons\\a.png', true), ['icons/a.png']);
    assert.deepEqual(read(path.join(root, 'icons', 'a.png'), true), ['icons/a.png']);
  });
});
