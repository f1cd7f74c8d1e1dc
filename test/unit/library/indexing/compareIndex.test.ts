import assert from 'node:assert/strict';
import { isBehindLink } from '../../../../src/library/indexing/compareIndex.ts';

describe('A file that a partial scan did not find', () => {
  const found = new Set(['icons/a.png', 'b.png', 'caf\u00e9.png']);
  const cases: readonly (readonly [string, string | undefined, boolean, string])[] = [
    ['icons/A.png', undefined, false, 'is deleted if no file has its name'],
    ['icons/A.png', 'icons/A.png', false, 'is excluded if it is not a link'],
    ['link/a.png', 'icons/a.png', true, 'is kept if it is behind a link'],
    ['b.png', 'icons/a.png', true, 'is kept if it is a link'],
    ['icons/A.png', 'icons/a.png', false, 'is deleted if the disk resolves its old name to the new one'],
    ['Icons/a.png', 'icons/a.png', false, 'is deleted if only the case of a folder name changed'],
    ['cafe\u0301.png', 'caf\u00e9.png', false, 'is deleted if only the composition of its accents changed'],
    ['C.png', 'c.png', true, 'is kept if the scan did not find the other name either'],
  ];
  for (const [file, target, expected, what] of cases) {
    it(`${what} (${file}, ${target ?? 'nowhere'})`, () => {
      assert.equal(isBehindLink(file, target, found), expected);
    });
  }
});
