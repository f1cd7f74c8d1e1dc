import assert from 'node:assert/strict';
import {
  duplicatesOf,
  exactDuplicates,
  nearDuplicates,
  openLibrary,
  updateIndex,
} from '../../../../src/library/index.ts';
import type { DuplicateGroup } from '../../../../src/library/index.ts';
import { fakeInference } from '../fakeInference.ts';
import { collected, temporaryFolder } from '../temporaryFolder.ts';

describe('duplicates', function () {
  this.timeout(20_000); // the tests use real files, and the machine may be busy
  const paths = (groups: readonly DuplicateGroup[]): string[][] =>
    groups.map(({ images }) => images.map((image) => image.path).sort());

  it('are exact if the bytes are equal', async () => {
    await using folder = await temporaryFolder({
      'a.png': 'cat',
      'in/a.png': 'cat',
      'b.png': 'dog',
      'b2.png': 'dog',
      'b3.png': 'dog',
      'c.png': 'cat!',
    });
    await using library = await openLibrary({ root: folder.path, inference: fakeInference() });
    await updateIndex(library);
    const groups = await collected(exactDuplicates(library));
    assert.deepEqual(paths(groups).sort(), [
      ['a.png', 'in/a.png'],
      ['b.png', 'b2.png', 'b3.png'],
    ]);
  });

  it('are near if the embeddings and the pixels are', async () => {
    const many = Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`tree/${i}.png`, `tree ${i}`])); // more than one block
    await using folder = await temporaryFolder({
      'a.png': 'cat dog',
      'b.png': 'cat, dog',
      'copy of b.png': 'cat, dog',
      'c.png': 'cat',
      'd.png': 'sun night',
      ...many,
    });
    await using library = await openLibrary({ root: folder.path, inference: fakeInference() });
    await updateIndex(library);
    const progress: number[] = [];
    const groups = await nearDuplicates(library, { onProgress: (done) => progress.push(done) });
    assert.deepEqual(
      paths(groups).map((group) => group.length),
      [150, 3],
    );
    assert.deepEqual(paths(groups)[1], ['a.png', 'b.png', 'copy of b.png']);
    assert.ok(groups.every(({ similarity }) => similarity > 0.999 && similarity <= 1));
    assert.deepEqual(progress, [128, 154]);
  });

  it('of one image are its copies and the images with the same picture', async () => {
    await using folder = await temporaryFolder({
      'a.png': 'cat dog',
      'copy of a.png': 'cat dog',
      'b.png': 'cat, dog',
      'in/b.png': 'cat, dog',
      'c.png': 'cat',
      'd.png': 'cat dog sun',
      'e.png': 'night',
      'broken.png': 'broken',
    });
    await using library = await openLibrary({ root: folder.path, inference: fakeInference() });
    await updateIndex(library);
    const { copies, near } = await duplicatesOf(library, 'a.png');
    assert.deepEqual(
      copies.map(({ path }) => path),
      ['copy of a.png'],
    );
    assert.deepEqual(
      near.map(({ path }) => path),
      ['b.png', 'in/b.png'],
    );
    assert.ok(near.every(({ similarity }) => similarity > 0.999 && similarity <= 1));

    // The embeddings of "cat dog sun" and "cat" are similar, but their pixels are not.
    const wider = await duplicatesOf(library, 'a.png', { similarity: 0.8 });
    assert.deepEqual(wider.near, near);
    const [group] = await nearDuplicates(library, { similarity: 0.8 });
    assert.deepEqual(group?.images.map(({ path }) => path).sort(), ['a.png', 'b.png', 'copy of a.png', 'in/b.png']);

    assert.deepEqual(await duplicatesOf(library, 'e.png'), { copies: [], near: [] });
    await assert.rejects(duplicatesOf(library, 'broken.png'), /not in the index/);
    await assert.rejects(duplicatesOf(library, 'a.png', {}, AbortSignal.abort()), { name: 'AbortError' });
  });

  it('do not exist in an empty index', async () => {
    await using folder = await temporaryFolder();
    await using library = await openLibrary({ root: folder.path, inference: fakeInference() });
    assert.deepEqual(await nearDuplicates(library), []);
    assert.deepEqual(await collected(exactDuplicates(library)), []);
  });
});
