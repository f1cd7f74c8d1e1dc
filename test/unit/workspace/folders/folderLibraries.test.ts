import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { countImages, openLibrary, updateIndex, type Library } from '../../../../src/library/index.ts';
import { FolderLibraries } from '../../../../src/workspace/folders/folderLibraries.ts';
import type { Models } from '../../../../src/workspace/models/models.ts';
import { fakeInference, type FakeInference } from '../../library/fakeInference.ts';
import { temporaryFolder } from '../../library/temporaryFolder.ts';

/** A window with one folder. The index and the id that was shown last outlive it. */
interface Window {
  readonly libraries: FolderLibraries;
  /** Returns the names of the models whose encoders are in use. */
  readonly leased: () => string[];
  wanted: string;
  usable: string[];
}

const memory = new Map<string, string>();
const inferences = new Map<string, FakeInference>();

function openWindow(root: string, wanted: string, usable = ['a', 'b', 'c']): Window {
  const leases = new Map<string, number>();
  const count = (name: string, by: number) => leases.set(name, (leases.get(name) ?? 0) + by);
  const named = (name: string) => {
    const inference = inferences.get(name) ?? fakeInference(name);
    inferences.set(name, inference);
    return { ...inference.model, folder: name, name };
  };
  const models: Pick<Models, 'wanted' | 'usable' | 'lease'> = {
    wanted: () => Promise.resolve(named(window.wanted)),
    usable: () => Promise.resolve(window.usable.map(named)),
    lease({ folder }) {
      count(folder, 1);
      const inference = inferences.get(folder) ?? assert.fail();
      return Promise.resolve({ inference, end: () => Promise.resolve(void count(folder, -1)) });
    },
  };
  const libraries = new FolderLibraries({
    models,
    open: ({ inference }) => openLibrary({ root, inference }),
    lastShown: () => memory.get(root),
    noteShown: (id) => memory.set(root, id),
    onDidOpen: () => undefined,
  });
  const leased = (): string[] => [...leases].flatMap(([name, users]) => (users > 0 ? [name] : [])).sort();
  const window: Window = { libraries, leased, wanted, usable };
  return window;
}

const shown = ({ libraries }: Window): Promise<string> =>
  libraries.withShown(({ inference }) => Promise.resolve(inference.model.manifest.id));

async function index({ libraries }: Window, among?: string[]): Promise<number> {
  const update = (library: Library) => updateIndex(library, { scan: { among } });
  const { embedded } = await libraries.withWanted(update);
  await libraries.settle(among === undefined);
  return embedded;
}

const files = { 'a.png': 'red car', 'b.png': 'tree', 'c.png': 'broken', 'd.png': 'dog' };

describe('The libraries of a folder', function () {
  this.timeout(20_000); // they use real files, and the machine may be busy

  it('show the earlier model until the new model has embedded every image', async () => {
    await using folder = await temporaryFolder(files);
    const window = openWindow(folder.path, 'a');
    await index(window);
    assert.deepEqual([window.libraries.switching], [null]);

    window.wanted = 'b';
    assert.equal(await window.libraries.choose(), true);
    assert.equal(await shown(window), 'a');
    assert.deepEqual(window.libraries.switching, { from: 'a', to: 'b', images: 3, unseen: 3 });
    await index(window, ['a.png']);
    assert.equal(await shown(window), 'a');
    assert.deepEqual(window.libraries.switching, { from: 'a', to: 'b', images: 3, unseen: 2 });
    assert.deepEqual(window.leased(), ['a', 'b']);

    await index(window);
    assert.deepEqual([await shown(window), window.libraries.switching], ['b', null]);
    await window.libraries.close();
    assert.deepEqual(window.leased(), []);
  });

  it('continue after the window was closed during a switch, and embed no image twice', async () => {
    await using folder = await temporaryFolder(files);
    const first = openWindow(folder.path, 'a');
    await index(first);
    first.wanted = 'b';
    await first.libraries.choose();
    const embedded = await index(first, ['a.png', 'd.png']);
    await first.libraries.close();

    const second = openWindow(folder.path, 'b');
    assert.equal(await shown(second), 'a');
    assert.deepEqual(second.libraries.switching, { from: 'a', to: 'b', images: 3, unseen: 1 });
    assert.deepEqual([embedded, await index(second)], [2, 1]);
    assert.equal(await shown(second), 'b');
    await second.libraries.close();
  });

  it('switch back immediately, from a complete and from an incomplete index', async () => {
    await using folder = await temporaryFolder(files);
    const window = openWindow(folder.path, 'a');
    await index(window);
    window.wanted = 'b';
    await window.libraries.choose();
    window.wanted = 'a';
    await window.libraries.choose();
    assert.deepEqual([await shown(window), window.libraries.switching], ['a', null]);
    window.wanted = 'b';
    await window.libraries.choose();
    await index(window);
    window.wanted = 'a';
    await window.libraries.choose();
    assert.deepEqual([await shown(window), window.libraries.switching, await index(window)], ['a', null, 0]);
    await window.libraries.close();
  });

  it('close the old library after its work is done, and end its encoders', async () => {
    await using folder = await temporaryFolder(files);
    const window = openWindow(folder.path, 'a');
    await index(window);
    window.wanted = 'b';
    await window.libraries.choose();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const reading = window.libraries.withShown(async (library) => {
      await promise;
      return [library.inference.model.manifest.id, countImages(library).files];
    });
    await index(window);
    assert.equal(await shown(window), 'b');
    assert.deepEqual(window.leased(), ['a', 'b']);
    resolve(undefined);
    assert.deepEqual(await reading, ['a', 3]);
    await window.libraries.close();
    assert.deepEqual(window.leased(), []);
  });

  it('use at most two models, even if the user chooses several in succession', async () => {
    await using folder = await temporaryFolder(files);
    const window = openWindow(folder.path, 'a');
    await index(window);
    for (const name of ['b', 'c', 'b']) {
      window.wanted = name;
      await window.libraries.choose();
      await new Promise(setImmediate); // unused libraries close
    }
    assert.equal(await shown(window), 'a');
    while (window.leased().length > 2) await new Promise(setImmediate);
    assert.deepEqual(window.leased(), ['a', 'b']);
    await window.libraries.close();
  });

  it('show the incomplete index of the selected model if the earlier model was removed', async () => {
    await using folder = await temporaryFolder(files);
    const window = openWindow(folder.path, 'a');
    await index(window);
    window.wanted = 'b';
    window.usable = ['b'];
    await window.libraries.choose();
    assert.deepEqual([await shown(window), window.libraries.switching], ['b', null]);
    assert.equal(await index(window), 3);
    await window.libraries.close();
  });

  it('open the index again after it was replaced, when work on the old index is done', async () => {
    await using folder = await temporaryFolder(files);
    const window = openWindow(folder.path, 'a');
    await index(window);
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const reading = window.libraries.withShown(async (library) => {
      await promise;
      return countImages(library).files;
    });
    const indexFile = window.libraries.shown?.indexFile ?? assert.fail('the index is not open');
    await rm(path.dirname(indexFile), { recursive: true });
    assert.equal(await window.libraries.shown?.isReplaced(), true);
    await window.libraries.reopen();
    assert.equal(window.libraries.shown, undefined);
    const filesNow = await window.libraries.withShown((library) => Promise.resolve(countImages(library).files));
    resolve(undefined);
    assert.deepEqual([filesNow, await reading], [0, 3]);
    await window.libraries.close();
    assert.deepEqual(window.leased(), []);
  });

  it('show the new model after an update of the whole folder, even if some files could not be read', async () => {
    await using folder = await temporaryFolder(files);
    const window = openWindow(folder.path, 'a');
    await index(window);
    window.wanted = 'b';
    await window.libraries.choose();
    assert.equal(await window.libraries.settle(false), false);
    assert.equal(await window.libraries.settle(true), true);
    assert.equal(await shown(window), 'b');
    await window.libraries.close();
  });
});
