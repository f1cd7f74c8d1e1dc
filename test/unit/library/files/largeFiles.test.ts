import assert from 'node:assert/strict';
import { truncate } from 'node:fs/promises';
import { collected, temporaryFolder } from '../temporaryFolder.ts';
import { fakeInference } from '../fakeInference.ts';
import { DECODE_LIMITS } from '../../../../src/clip/index.ts';
import { listFailures, listImages, openLibrary, updateIndex } from '../../../../src/library/index.ts';

describe('Files above the size limit', () => {
  it('are each reported as too large without being read', async () => {
    await using folder = await temporaryFolder({ 'a.png': '', 'b.png': '', 'tree.png': 'tree' });
    // Two files with the same bytes: hashed, they would be one blob.
    for (const name of ['a.png', 'b.png']) await truncate(folder.at(name), DECODE_LIMITS.bytes + 1);
    const inference = fakeInference();
    await using library = await openLibrary({ root: folder.path, inference });
    const { embedded, failures } = await updateIndex(library);
    assert.equal(embedded, 1);
    assert.deepEqual(inference.seen.toSorted(), ['a.png', 'b.png', 'tree.png']);
    assert.deepEqual(failures.map(({ path }) => path).toSorted(), ['a.png', 'b.png']);
    assert.equal((await collected(listImages(library))).length, 1);
    assert.equal((await collected(listFailures(library))).length, 2);

    // Their size and time are unchanged, so they are not processed again.
    const again = await updateIndex(library);
    assert.equal(again.failures.length, 2);
    assert.equal(inference.seen.length, 3);
  });
});
