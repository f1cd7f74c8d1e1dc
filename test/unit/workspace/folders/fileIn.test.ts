import assert from 'node:assert/strict';
import path from 'node:path';
import { fileIn } from '../../../../src/workspace/folders/fileIn.ts';

const at = (file: string): { fsPath: string } => ({ fsPath: path.resolve(file) });

describe('A file of a folder', () => {
  const outer = { name: 'repo', uri: at('/repo') };
  const inner = { name: 'a', uri: at('/repo/packages/a') };

  it('has a path in each of several nested folders', () => {
    const file = at('/repo/packages/a/icons/x.png');
    assert.deepEqual(fileIn(outer, file), { folder: outer, path: 'packages/a/icons/x.png' });
    assert.deepEqual(fileIn(inner, file), { folder: inner, path: 'icons/x.png' });
  });

  it('has the fragment of its URI if it is an image in a sheet', () => {
    const uri = { ...at('/repo/icons.svg'), fragment: 'heart' };
    assert.equal(fileIn(outer, uri)?.path, 'icons.svg#heart');
    assert.equal(fileIn(outer, { ...at('/repo/a.png'), fragment: 'L10' })?.path, 'a.png');
    assert.equal(fileIn(outer, { ...at('/repo/icons.svg'), fragment: '../../x' })?.path, 'icons.svg');
  });

  it('has no path in folders beside it or below it, even if their names start alike', () => {
    for (const file of ['/repo/packages/ab/x.png', '/repo/x.png', '/x.png', '/repo/packages/a', '/repo/packages']) {
      assert.equal(fileIn(inner, at(file)), undefined, file);
    }
    assert.equal(fileIn(outer, at('/repo/..x.png'))?.path, '..x.png');
  });
});
