import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { imageAt, openLibrary, search, updateIndex } from '../../../../src/library/index.ts';
import { isBehindLink } from '../../../../src/library/indexing/compareIndex.ts';
import { fakeInference } from '../fakeInference.ts';
import { temporaryFolder } from '../temporaryFolder.ts';

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

describe('The comparison of a folder with its index', function () {
  this.timeout(20_000); // the tests use real files, and the machine may be busy

  it('finds content that changed at the same size and time only when it verifies, and embeds nothing else', async () => {
    await using folder = await temporaryFolder({ 'a.png': 'cat', 'b.png': 'dog', 'copy.png': 'dog' });
    const inference = fakeInference();
    await using library = await openLibrary({ root: folder.path, inference });
    await updateIndex(library);
    const { atime, mtime } = await stat(folder.at('a.png'));
    await writeFile(folder.at('a.png'), 'sun');
    await utimes(folder.at('a.png'), atime, mtime);
    assert.equal((await updateIndex(library)).unchanged, 3);
    const before = inference.seen.length;
    const { unchanged, embedded, reused, removed } = await updateIndex(library, { verify: true });
    assert.deepEqual([unchanged, embedded, reused, removed], [2, 1, 0, 0]);
    assert.deepEqual(inference.seen.slice(before), ['a.png']);
    assert.equal((await search(library, 'sun'))[0]?.path, 'a.png');
    assert.equal((await updateIndex(library, { verify: true })).unchanged, 3);
  });

  it('reports links that lead outside of the folder and special files', async function () {
    if (process.platform === 'win32') this.skip();
    await using folder = await temporaryFolder({ 'root/a.png': 'cat', 'shared/b.png': 'dog' });
    await symlink('../shared', folder.at('root/assets'));
    execFileSync('mkfifo', [folder.at('root/pipe.png')]);
    await using library = await openLibrary({ root: folder.at('root'), inference: fakeInference() });
    assert.deepEqual((await updateIndex(library)).unread, { outside: ['assets'], special: ['pipe.png'], formats: [] });
    const { embedded, unread } = await updateIndex(library, { scan: { followLinks: true } });
    assert.deepEqual([embedded, unread], [1, { outside: [], special: ['pipe.png'], formats: [] }]);
    assert.ok(imageAt(library, 'assets/b.png'));
    assert.equal((await updateIndex(library)).removed, 1);
  });

  it('counts the pictures of formats that AssetLens does not read, unless they are excluded or others are asked for', async () => {
    await using folder = await temporaryFolder({
      ...{ 'a.png': 'cat', 'b.xcf': '', 'deep/C.XCF': '', 'd.heic': '', 'notes.txt': '', 'old/e.heic': '' },
      ...{ '.gitignore': 'ignored', 'ignored/f.xcf': '' },
    });
    await using library = await openLibrary({ root: folder.path, inference: fakeInference() });
    const formatsOf = async (scan: { include?: string[]; exclude?: string[] }) =>
      (await updateIndex(library, { scan, keepExcluded: true })).unread.formats;
    const xcf = { extension: 'xcf', files: 2 };
    assert.deepEqual(await formatsOf({}), [
      { extension: 'heic', files: 2 },
      { extension: 'xcf', files: 2 },
    ]);
    assert.deepEqual(await formatsOf({ exclude: ['old'] }), [xcf, { extension: 'heic', files: 1 }]);
    assert.deepEqual(await formatsOf({ include: ['**/*.png'] }), []);
  });
});
