import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { isMissing } from '../../../src/base/fileErrors.ts';
import { pathWithin, posixRelative } from '../../../src/base/paths.ts';

describe('Paths relative to a folder', () => {
  it('have slashes on every system', () => {
    assert.equal(posixRelative('/w', '/w/a/b.png', path.posix), 'a/b.png');
    assert.equal(posixRelative('/w/docs', '/w/a/b.png', path.posix), '../a/b.png');
    assert.equal(posixRelative('C:\\w', 'C:\\w\\a\\b.png', path.win32), 'a/b.png');
    assert.equal(posixRelative('C:\\w\\docs', 'C:\\w\\a\\b.png', path.win32), '../a/b.png');
    assert.equal(posixRelative('/w', '/w/back\\slash.png', path.posix), 'back\\slash.png');
  });

  it('are undefined outside the folder', () => {
    assert.equal(pathWithin('/w', '/w', path.posix), '');
    assert.equal(pathWithin('/w', '/w/..a/b.png', path.posix), '..a/b.png');
    assert.equal(pathWithin('/w', '/', path.posix), undefined);
    assert.equal(pathWithin('/w', '/w2/a.png', path.posix), undefined);
    assert.equal(pathWithin('C:\\w', 'c:\\W\\a.png', path.win32), 'a.png');
    assert.equal(pathWithin('C:\\w', 'D:\\w\\a.png', path.win32), undefined);
  });
});

describe('An error of the file system', () => {
  it('is recognised if the file does not exist', async () => {
    const error = await stat(path.join(import.meta.dirname, 'missing')).catch((it: unknown) => it);
    assert.equal(isMissing(error), true);
    for (const other of [new Error('ENOENT'), Object.assign(new Error('x'), { code: 'EACCES' }), 'ENOENT', undefined]) {
      assert.equal(isMissing(other), false);
    }
  });
});
