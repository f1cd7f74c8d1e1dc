import assert from 'node:assert/strict';
import { copyFile, cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { tagWorkspace, workspaceFolder } from './extension.ts';
import { tagsWhere } from './services.ts';

const at = (...parts: string[]): string => path.join(workspaceFolder().uri.fsPath, ...parts);
const MANY = 1500;

describe('Watching', () => {
  before(tagWorkspace);
  before(() => mkdir(at('watched'), { recursive: true }));
  after(() => rm(at('watched'), { recursive: true, force: true }));

  it('updates the index when an image is created, changed, renamed or deleted', async () => {
    await copyFile(at('web/icons/a.svg'), at('watched/one.svg'));
    const created = await tagsWhere('one.svg is created', ({ byPath }) => byPath.has('watched/one.svg'));
    const hash = created.byPath.get('watched/one.svg')?.hash;
    assert.equal(hash, created.byPath.get('web/icons/a.svg')?.hash);

    await writeFile(at('watched/one.svg'), (await readFile(at('web/icons/a.svg'), 'utf8')) + '<!-- another -->');
    await tagsWhere('one.svg is changed', ({ byPath }) => byPath.get('watched/one.svg')?.hash !== hash);

    await rename(at('watched/one.svg'), at('watched/two.svg'));
    await tagsWhere('it is renamed', ({ byPath }) => byPath.has('watched/two.svg') && !byPath.has('watched/one.svg'));

    await rm(at('watched/two.svg'));
    await tagsWhere('it is deleted', ({ byPath }) => !byPath.has('watched/two.svg'));
  });

  it('updates the index when a folder is moved or deleted, also with dots in its name', async () => {
    await cp(at('web/icons'), at('watched/v1.2'), { recursive: true });
    const there = (folder: string) => (tags: { byPath: ReadonlyMap<string, unknown> }) =>
      [...tags.byPath.keys()].filter((file) => file.startsWith(`watched/${folder}/`)).length > 0;
    await tagsWhere('the folder is copied', there('v1.2'));
    await rename(at('watched/v1.2'), at('watched/v2'));
    await tagsWhere('the folder is moved', (tags) => there('v2')(tags) && !there('v1.2')(tags));
    await rm(at('watched/v2'), { recursive: true });
    await tagsWhere('the folder is deleted', (tags) => !there('v2')(tags));
  });

  it('updates the index when many files change together, as after a branch switch', async () => {
    const svg = await readFile(at('web/icons/a.svg'));
    await mkdir(at('watched/branch'));
    await Promise.all(Array.from({ length: MANY }, (_, i) => writeFile(at('watched/branch', `${i}.svg`), svg)));
    const count = ({ byPath }: { byPath: ReadonlyMap<string, unknown> }): number =>
      [...byPath.keys()].filter((file) => file.startsWith('watched/branch/')).length;
    await tagsWhere('all of them are there', (tags) => count(tags) === MANY);
    await rm(at('watched/branch'), { recursive: true });
    await tagsWhere('all of them are gone', (tags) => count(tags) === 0);
  });

  it('applies a new .gitignore', async () => {
    await copyFile(at('web/icons/a.svg'), at('watched/ignored.svg'));
    await tagsWhere('it is there', ({ byPath }) => byPath.has('watched/ignored.svg'));
    await writeFile(at('watched/.gitignore'), 'ignored.svg\n');
    await tagsWhere('it is ignored', ({ byPath }) => !byPath.has('watched/ignored.svg'));
  });
});
