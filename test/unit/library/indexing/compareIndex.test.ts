import assert from 'node:assert/strict';
import { isBehindLink } from '../../../../src/library/indexing/compareIndex.ts';

describe('A file that a scan of some files did not come to', () => {
  const found = new Set(['icons/a.png', 'b.png', 'caf\u00e9.png']);
  const cases: readonly (readonly [string, string | undefined, boolean, string])[] = [
    ['icons/A.png', undefined, false, 'is gone where there is nothing of its name'],
    ['icons/A.png', 'icons/A.png', false, 'is gone where it is no link: the scan left it out'],
    ['link/a.png', 'icons/a.png', true, 'stays where it is behind a link'],
    ['b.png', 'icons/a.png', true, 'stays where it is a link'],
    ['icons/A.png', 'icons/a.png', false, 'is gone where the disk takes the new name of a file for the old one'],
    ['Icons/a.png', 'icons/a.png', false, 'is gone where a folder was renamed by its case alone'],
    ['cafe\u0301.png', 'caf\u00e9.png', false, 'is gone where only its accents are composed in another way'],
    ['C.png', 'c.png', true, 'stays where the scan did not come to the other name either'],
  ];
  for (const [file, target, expected, what] of cases) {
    it(`${what} (${file}, ${target ?? 'nowhere'})`, () => {
      assert.equal(isBehindLink(file, target, found), expected);
    });
  }
});
