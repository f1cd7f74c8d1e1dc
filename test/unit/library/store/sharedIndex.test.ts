import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import {
  imageAt,
  openLibrary,
  readManualTags,
  search,
  updateIndex,
  type Library,
  type UpdateProgress,
} from '../../../../src/library/index.ts';
import { fakeInference } from '../fakeInference.ts';
import { setManualTag } from '../labels/setManualTag.ts';
import { temporaryFolder } from '../temporaryFolder.ts';

describe('An index that several libraries share', function () {
  this.timeout(20_000); // the tests use real files, and the machine may be busy
  const opening = (root: string): Promise<Library> => openLibrary({ root, inference: fakeInference() });

  it('has a new version after each change of another library, and otherwise the same version', async () => {
    await using folder = await temporaryFolder({ 'a.png': 'cat', 'b.png': 'dog' });
    await using editor = await opening(folder.path);
    await using other = await opening(folder.path);
    const versions = [editor.version()];
    const changes: (() => Promise<unknown>)[] = [
      () => updateIndex(other),
      () => setManualTag(other, [imageAt(other, 'a.png')?.hash ?? ''], 'mine', true),
      () => setManualTag(other, [imageAt(other, 'a.png')?.hash ?? ''], 'mine', false),
      () => setManualTag(other, [imageAt(other, 'a.png')?.hash ?? ''], 'mine', null),
      () => rm(folder.at('b.png')).then(() => updateIndex(other)),
    ];
    for (const change of changes) {
      await change();
      versions.push(editor.version());
    }
    assert.equal(new Set(versions).size, changes.length + 1, versions.join(' '));
    const before = editor.version();
    await updateIndex(other); // changes nothing
    await search(other, 'cat');
    assert.equal(editor.version(), before);
    assert.equal(await editor.isReplaced(), false);
  });

  it('shows the images and tags of another library immediately', async () => {
    await using folder = await temporaryFolder({ 'a.png': 'cat' });
    await using editor = await opening(folder.path);
    await using other = await opening(folder.path);
    await updateIndex(other);
    await setManualTag(other, [imageAt(other, 'a.png')?.hash ?? ''], 'mine', true);
    assert.deepEqual(
      (await search(editor, 'cat')).map(({ path }) => path),
      ['a.png'],
    );
    assert.equal(readManualTags(editor).size, 1);
  });

  it('is updated by one library at a time, so that no image is embedded twice', async () => {
    const files = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`${i}.png`, `cat ${i}`]));
    await using folder = await temporaryFolder(files);
    const [one, two] = [fakeInference(), fakeInference()];
    await using first = await openLibrary({ root: folder.path, inference: one });
    await using second = await openLibrary({ root: folder.path, inference: two });
    const phases: UpdateProgress['phase'][] = [];
    const summaries = await Promise.all([
      updateIndex(first, { batchSize: 2 }),
      updateIndex(second, { onProgress: ({ phase }) => phases.push(phase) }),
    ]);
    assert.deepEqual(
      summaries.map(({ embedded }) => embedded),
      [30, 0],
    );
    assert.deepEqual([one.seen.length, two.seen.length], [30, 0]);
    assert.equal(phases[0], 'wait');
  });

  it('can be cancelled while it waits for the update of another library', async () => {
    await using folder = await temporaryFolder({ 'a.png': 'cat' });
    const inference = fakeInference();
    await using first = await openLibrary({ root: folder.path, inference });
    await using second = await opening(folder.path);
    const { promise: released, resolve: release } = Promise.withResolvers<undefined>();
    inference.beforeBatch = () => released;
    const updating = updateIndex(first);
    const controller = new AbortController();
    const waiting = updateIndex(second, {
      signal: controller.signal,
      onProgress: () => {
        controller.abort();
      },
    });
    assert.equal((await waiting).cancelled, true);
    release(undefined);
    assert.equal((await updating).embedded, 1);
  });

  it('is updated with a second model without waiting for the first', async () => {
    await using folder = await temporaryFolder({ 'a.png': 'cat' });
    const inference = fakeInference();
    await using first = await openLibrary({ root: folder.path, inference });
    await using second = await openLibrary({ root: folder.path, inference: fakeInference('other') });
    const { promise: released, resolve: release } = Promise.withResolvers<undefined>();
    inference.beforeBatch = () => released;
    const updating = updateIndex(first);
    assert.equal((await updateIndex(second)).embedded, 1);
    release(undefined);
    assert.equal((await updating).embedded, 1);
  });
});
