import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { IMAGE_EXTENSIONS } from '../../../src/clip/images/formats/registry.ts';
import { countLists, FILES, updated } from '../../../tools/imageFormats/lists.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

describe('the image formats that AssetLens reads', () => {
  it('are up to date in the menus and in the documents', () => {
    for (const file of FILES) {
      assert.ok(updated(read(file)) === read(file), `${file} lists other image formats. Run "npm run formats".`);
    }
  });

  it('are listed in the documents', () => {
    const documents = FILES.filter((file) => file.endsWith('.md'));
    assert.ok(documents.some((file) => countLists(read(file)) > 0));
  });

  it('are the ones whose files have commands in the menus', () => {
    const { contributes } = JSON.parse(read('package.json')) as {
      readonly contributes: { readonly menus: Readonly<Record<string, readonly { readonly when?: string }[]>> };
    };
    const clauses = Object.entries(contributes.menus).flatMap(([menu, items]) =>
      items.flatMap(({ when = '' }) => (when.includes('resourceExtname') ? [{ menu, when }] : [])),
    );
    const menus = new Set(clauses.map(({ menu }) => menu));
    assert.deepEqual([...menus].sort(), ['commandPalette', 'editor/title', 'editor/title/context', 'explorer/context']);
    for (const { menu, when } of clauses) {
      const pattern = /resourceExtname =~ \/(.+)\/i$/.exec(when)?.[1] ?? assert.fail(`${menu}: ${when}`);
      const matches = (extension: string): boolean => new RegExp(pattern, 'i').test(`.${extension}`);
      for (const extension of IMAGE_EXTENSIONS) {
        assert.ok(matches(extension) && matches(extension.toUpperCase()), `${menu}: ${extension}`);
      }
      for (const extension of ['txt', 'pngx', 'xpng', '']) assert.ok(!matches(extension), `${menu}: ${extension}`);
    }
  });
});
