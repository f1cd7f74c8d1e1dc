import assert from 'node:assert/strict';
import { isBehindLink } from '../../../../src/library/indexing/compareIndex.ts';

describe('A file that a restricted scan has not found', () => {
  const found = new Set(['icons/a.png', 'b.png', 'caf\u00e9.png']);
  const cases: readonly (readonly [string, string | undefined, boolean, string])[] = [
    ['icons/A.png', undefined, false, 'is gone if nothing has its name'],
    ['icons/A.png', 'icons/A.png', false, 'is gone if it is not a link, because the scan excludes it'],
    ['link/a.png', 'icons/a.png', true, 'stays if it is behind a link'],
    ['b.png', 'icons/a.png', true, 'stays if it is a link'],
    ['icons/A.png', 'icons/a.png', false, 'is gone if the disk resolves the old name of a renamed file'],
    ['Icons/a.png', 'icons/a.png', false, 'is gone if only the case of its folder was changed'],
    ['cafe\u0301.png', 'caf\u00e9.png', false, 'is gone if only the composition of its accents was changed'],
    ['C.png', 'c.png', true, 'stays if the scan has not found the other name either'],
  ];
  for (const [file, target, expected, what] of cases) {
    it(`${what} (${file}, ${target ?? 'nowhere'})`, () => {
      assert.equal(isBehindLink(file, target, found), expected);
    });
  }
});
