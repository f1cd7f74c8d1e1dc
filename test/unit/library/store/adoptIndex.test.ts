import assert from 'node:assert/strict';
import { readdir, stat, truncate } from 'node:fs/promises';
import {
  countImages,
  imageAt,
  manualTagsOf,
  openLibrary,
  updateIndex,
  type Library,
} from '../../../../src/library/index.ts';
import { fakeInference, type FakeInference } from '../fakeInference.ts';
import { setManualTag } from '../labels/setManualTag.ts';
import { temporaryFolder, type TemporaryFolder } from '../temporaryFolder.ts';

describe('The index of an earlier version in another place', function () {
  this.timeout(20_000); // the tests use real files, and the machine may be busy
  let folder: TemporaryFolder;
  let places: TemporaryFolder;
  beforeEach(async () => {
    folder = await temporaryFolder({ 'a.png': 'cat', 'b.png': 'dog', 'bad.png': 'broken' });
    places = await temporaryFolder();
  });
  afterEach(async () => {
    await folder[Symbol.asyncDispose]();
    await places[Symbol.asyncDispose]();
  });

  const openOld = (): Promise<Library> =>
    openLibrary({ root: folder.path, indexFile: places.at('old.db'), inference: fakeInference() });
  const openNew = (inference: FakeInference): Promise<Library> =>
    openLibrary({ root: folder.path, indexFile: places.at('new.db'), adopt: places.at('old.db'), inference });
  const hashOf = (library: Library, file: string): string => imageAt(library, file)?.hash ?? assert.fail(file);
  const labelsOf = (library: Library, file: string) =>
    manualTagsOf(library, [hashOf(library, file)]).map(({ label, holds }) => [label, holds]);

  async function fillOld(): Promise<void> {
    await using old = await openOld();
    await updateIndex(old);
    await setManualTag(old, [hashOf(old, 'a.png')], 'mine', true);
    await setManualTag(old, [hashOf(old, 'b.png')], 'cat', false);
  }

  it('is taken over once, with tags and embeddings, and is then deleted', async () => {
    await fillOld();
    const inference = fakeInference();
    {
      await using library = await openNew(inference);
      assert.deepEqual(library.adoption, { manualTags: 2, embeddings: 2, complete: true });
      assert.deepEqual(countImages(library).files, 2); // shown before the first update
      assert.deepEqual([labelsOf(library, 'a.png'), labelsOf(library, 'b.png')], [[['mine', true]], [['cat', false]]]);
      const { unchanged, embedded } = await updateIndex(library);
      assert.deepEqual([unchanged, embedded, inference.seen], [2, 0, ['bad.png']]);
    }
    assert.deepEqual(await readdir(places.path), ['new.db']);
    await using again = await openNew(inference);
    assert.equal(again.adoption, undefined);
    assert.deepEqual(labelsOf(again, 'a.png'), [['mine', true]]);
  });

  it('is merged into an existing index; the newer of two tags is kept', async () => {
    await fillOld();
    {
      await using library = await openLibrary({
        ...{ root: folder.path, indexFile: places.at('new.db'), inference: fakeInference() },
      });
      await updateIndex(library);
      await new Promise((resolve) => setTimeout(resolve, 1100)); // tags are dated by the second
      await setManualTag(library, [hashOf(library, 'b.png')], 'cat', true);
    }
    await using library = await openNew(fakeInference());
    assert.deepEqual([labelsOf(library, 'a.png'), labelsOf(library, 'b.png')], [[['mine', true]], [['cat', true]]]);
    assert.deepEqual(countImages(library), { files: 2, blobs: 2, failures: 1 });
  });

  it('is kept while another window has it open, and is not taken over twice', async () => {
    await fillOld();
    {
      await using window = await openOld();
      {
        await using library = await openNew(fakeInference());
        assert.equal(library.adoption?.manualTags, 2);
        await setManualTag(library, [hashOf(library, 'a.png')], 'mine', null);
      }
      assert.equal(countImages(window).files, 2);
      await using library = await openNew(fakeInference());
      assert.deepEqual([library.adoption, labelsOf(library, 'a.png')], [undefined, []]);
    }
    await using library = await openNew(fakeInference());
    assert.equal(library.adoption, undefined);
    assert.deepEqual(
      (await readdir(places.path)).filter((name) => name.startsWith('old')),
      [],
    );
  });

  it('provides its readable tags if it is damaged, and is kept under another name', async () => {
    for (let i = 0; i < 200; i++) await folder.write({ [`${i}.png`]: `dog ${i}` });
    await fillOld();
    await truncate(places.at('old.db'), (await stat(places.at('old.db'))).size - 4096);
    await using library = await openNew(fakeInference());
    assert.deepEqual([library.adoption?.complete, library.adoption?.manualTags], [false, 2]);
    assert.match((await readdir(places.path)).join(), /old\.damaged-[\d-]+\.db/);
  });

  it('is taken over once by two processes that open the folder at the same time', async () => {
    await fillOld();
    const libraries = await Promise.all([openNew(fakeInference()), openNew(fakeInference())]);
    try {
      assert.equal(libraries.filter(({ adoption }) => adoption).length, 1);
      for (const library of libraries) assert.deepEqual(labelsOf(library, 'a.png'), [['mine', true]]);
    } finally {
      for (const library of libraries) await library[Symbol.asyncDispose]();
    }
  });
});
