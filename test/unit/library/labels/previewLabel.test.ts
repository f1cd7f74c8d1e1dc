import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { openLibrary, previewLabel, tagLibrary, updateIndex, listImages } from '../../../../src/library/index.ts';
import { fakeInference } from '../fakeInference.ts';
import { setManualTag } from './setManualTag.ts';
import { temporaryFolder } from '../temporaryFolder.ts';

const IMAGES = {
  'a/car.png': 'red car',
  'a/copy.png': 'red car',
  'b/car.png': 'blue car',
  'b/tree.png': 'green tree',
  'b/house.png': 'house night',
};
const TEMPLATES = ['{}', 'a {}'];

describe('previewLabel', function () {
  this.timeout(20_000);

  it('counts the images that tagging with the label would tag, at each threshold', async () => {
    await using folder = await temporaryFolder(IMAGES);
    await using library = await openLibrary({ root: folder.path, inference: fakeInference() });
    assert.deepEqual(await previewLabel(library, { name: 'car' }, TEMPLATES, [0.1, 0.5]), { counts: [0, 0], best: [] });
    await updateIndex(library);
    const thresholds = [0.01, 0.05, 0.1, 0.3, 0.999];
    const label = { name: 'auto', synonyms: ['car'], context: 'red' };
    const tagged = async (threshold: number): Promise<number> => {
      let count = 0;
      const set = { name: '', templates: TEMPLATES, labels: [{ ...label, threshold }] };
      for await (const page of tagLibrary(library, [set])) count += page.filter(({ tags }) => tags.length > 0).length;
      return count;
    };
    const expect = async () => Promise.all(thresholds.map(tagged));
    const preview = await previewLabel(library, label, TEMPLATES, thresholds, { limit: 2 });
    assert.deepEqual(preview.counts, await expect());
    assert.ok(new Set(preview.counts).size > 2); // the counts differ between thresholds
    assert.deepEqual(
      preview.best.map(({ path }) => path),
      ['a/car.png', 'b/car.png'],
    );
    assert.ok((preview.best[0]?.score ?? 0) > (preview.best[1]?.score ?? 1));

    // Manual tags override scores.
    const hashes = new Map<string, string>();
    for await (const page of listImages(library)) for (const { path, hash } of page) hashes.set(path, hash);
    await setManualTag(library, [hashes.get('b/house.png') ?? ''], 'auto', true);
    await setManualTag(library, [hashes.get('a/car.png') ?? ''], 'auto', false);
    const corrected = await previewLabel(library, label, TEMPLATES, thresholds);
    assert.deepEqual(corrected.counts, await expect());
    assert.equal(corrected.counts.at(-1), 1);
  });

  it('counts files that were added, changed or deleted since the last preview, whichever library indexed them', async () => {
    await using folder = await temporaryFolder(IMAGES);
    await using library = await openLibrary({ root: folder.path, inference: fakeInference() });
    await using other = await openLibrary({ root: folder.path, inference: fakeInference() });
    await updateIndex(library);
    const count = async (): Promise<number | undefined> =>
      (await previewLabel(library, { name: 'car' }, TEMPLATES, [0])).counts[0];
    assert.equal(await count(), 5);
    await folder.write({ 'c/third.png': 'red car' }); // one more file of the same blob
    await updateIndex(other);
    assert.equal(await count(), 6);
    await rm(folder.at('a/copy.png'));
    await rm(folder.at('a/car.png'));
    await updateIndex(other);
    assert.equal(await count(), 4);
    await folder.write({ 'c/third.png': 'blue car' });
    await updateIndex(other);
    assert.equal(await count(), 4);
  });

  it('stores no text embedding, and stops when it is cancelled', async () => {
    await using folder = await temporaryFolder(IMAGES);
    const inference = fakeInference();
    await using library = await openLibrary({ root: folder.path, inference });
    await updateIndex(library);
    await previewLabel(library, { name: 'car' }, TEMPLATES, [0.1]);
    await previewLabel(library, { name: 'car' }, TEMPLATES, [0.1]);
    assert.deepEqual(inference.texts, ['car', 'a car', 'car', 'a car']);
    const signal = AbortSignal.abort();
    await assert.rejects(previewLabel(library, { name: 'car' }, TEMPLATES, [0.1], { signal }), { name: 'AbortError' });
  });
});
