import assert from 'node:assert/strict';
import {
  imageAt,
  manualTagsOf,
  openLibrary,
  setManualTags,
  updateIndex,
  type Library,
} from '../../../src/library/index.ts';
import {
  applyEdits,
  clearAllTags,
  clearTags,
  confirmTags,
  rejectTags,
  type LabelledFolder,
  type ManualTagEdit,
  type TagRef,
} from '../../../src/taggedImages/manualTagEdits.ts';
import { fakeInference } from '../library/fakeInference.ts';
import { temporaryFolder } from '../library/temporaryFolder.ts';
import { labelSet } from './samples.ts';

const folderOf = (library: Library, ...labels: string[]): LabelledFolder => ({
  labelSets: () => Promise.resolve([labelSet('things', ...labels)]),
  withLibrary: (work) => work(library),
});

describe('Changes of manual tags', function () {
  this.timeout(20_000); // the tests use real files, and the machine may be busy

  /** Runs a test with a library of two images, whose settings have the label "car". */
  const withImages = async (
    test: (folder: LabelledFolder, hashes: { car: string; tree: string }, library: Library) => Promise<void>,
  ): Promise<void> => {
    await using files = await temporaryFolder({ 'car.png': 'red car', 'tree.png': 'green tree' });
    await using library = await openLibrary({ root: files.path, inference: fakeInference() });
    await updateIndex(library);
    const hashOf = (path: string): string => imageAt(library, path)?.hash ?? assert.fail(`${path} is not indexed`);
    await test(folderOf(library, 'car'), { car: hashOf('car.png'), tree: hashOf('tree.png') }, library);
  };
  const apply = (edits: readonly ManualTagEdit<LabelledFolder>[]): Promise<ManualTagEdit<LabelledFolder>[]> =>
    applyEdits(edits, () => undefined);

  it('confirm and add labels', async () => {
    await withImages(async (folder, { car, tree }, library) => {
      const tags: TagRef<LabelledFolder>[] = [
        { folder, hash: car, label: 'car' },
        { folder, hash: tree, label: 'my own' },
      ];
      await apply(confirmTags(tags));
      assert.deepEqual(manualTagsOf(library, [car]), [{ hash: car, label: 'car', holds: true }]);
      assert.deepEqual(manualTagsOf(library, [tree]), [{ hash: tree, label: 'my own', holds: true }]);
    });
  });

  it('reject a label of the label sets, whatever its score, and clear any other label', async () => {
    await withImages(async (folder, { car }, library) => {
      const tags = ['car', 'my own'].map((label) => ({ folder, hash: car, label }));
      await apply(confirmTags(tags));
      await apply(await rejectTags(tags));
      assert.deepEqual(manualTagsOf(library, [car]), [{ hash: car, label: 'car', holds: false }]);
    });
  });

  it('clear one label, or all labels of an image', async () => {
    await withImages(async (folder, { car, tree }, library) => {
      const tags = ['a', 'b', 'c'].map((label) => ({ folder, hash: car, label }));
      await apply(confirmTags([...tags, { folder, hash: tree, label: 'a' }]));
      await apply(clearTags(tags.slice(0, 1)));
      assert.deepEqual(
        manualTagsOf(library, [car]).map(({ label }) => label),
        ['b', 'c'],
      );
      await apply(await clearAllTags([{ folder, hash: car }]));
      assert.deepEqual(manualTagsOf(library, [car]), []);
      assert.equal(manualTagsOf(library, [tree]).length, 1);
    });
  });

  it('can be undone: labels get their former manual tags, or none', async () => {
    await withImages(async (folder, { car, tree }, library) => {
      await setManualTags(library, [
        { hash: car, label: 'car', holds: true },
        { hash: tree, label: 'car', holds: false },
        { hash: car, label: 'other', holds: true },
      ]);
      const before = manualTagsOf(library, [car, tree]);
      const changed = [
        { folder, hash: car, label: 'car' },
        { folder, hash: tree, label: 'car' },
        { folder, hash: tree, label: 'new' },
      ];
      for (const edits of [confirmTags(changed), await rejectTags(changed), clearTags(changed)]) {
        const undo = await apply(edits);
        assert.notDeepEqual(manualTagsOf(library, [car, tree]), before);
        await apply(undo);
        assert.deepEqual(manualTagsOf(library, [car, tree]), before);
      }
    });
  });

  it('are written folder by folder, each with its own labels', async () => {
    await withImages(async (first, { car }, library) => {
      await using files = await temporaryFolder({ 'car.png': 'red car' });
      await using other = await openLibrary({ root: files.path, inference: fakeInference() });
      await updateIndex(other);
      const second = folderOf(other);
      const tags = [first, second].map((folder) => ({ folder, hash: car, label: 'car' }));
      await apply(confirmTags(tags));
      const written: LabelledFolder[] = [];
      await applyEdits(await rejectTags(tags), (folder) => written.push(folder));
      assert.deepEqual(written, [first, second]);
      assert.deepEqual(manualTagsOf(library, [car]), [{ hash: car, label: 'car', holds: false }]);
      assert.deepEqual(manualTagsOf(other, [car]), []);
    });
  });
});
