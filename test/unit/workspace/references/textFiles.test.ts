import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { textFiles } from '../../../../src/workspace/references/textFiles.ts';

describe('The text files of a folder', () => {
  const found = async (root: string, exclude: readonly string[], signal?: AbortSignal): Promise<string[]> => {
    const files: string[] = [];
    for await (const { file } of textFiles(root, { exclude, gitignore: true }, signal))
      files.push(path.relative(root, file));
    return files.sort();
  };

  it('include no binary and no large files, and nothing that git or a glob excludes', async () => {
    const root = await mkdtemp(path.join(tmpdir(), 'assetlens texts '));
    try {
      const files: Readonly<Record<string, string>> = {
        '.gitignore': 'built/\n',
        'a.md': 'a',
        'in/b': 'b',
        'in/picture.svg': '<svg/>',
        'in/picture.png': 'text all the same',
        'built/c.js': 'c',
        'left/d.txt': 'd',
        'node_modules/e/index.js': 'e',
        'binary.txt': 'a\0b',
        'empty.txt': '',
        'huge.json': 'x'.repeat(3 * 2 ** 20),
      };
      for (const [name, content] of Object.entries(files)) {
        await mkdir(path.dirname(path.join(root, name)), { recursive: true });
        await writeFile(path.join(root, name), content);
      }
      await mkdir(path.join(root, '.git'));
      assert.deepEqual(await found(root, ['left/**']), [
        '.gitignore',
        'a.md',
        path.join('in', 'b'),
        path.join('in', 'picture.svg'),
      ]);
      await assert.rejects(found(root, [], AbortSignal.abort()), { name: 'AbortError' });
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  });
});
