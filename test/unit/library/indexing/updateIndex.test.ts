import assert from 'node:assert/strict';
import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import {
  countImages,
  imageAt,
  listFailures,
  listImages,
  openLibrary,
  updateIndex,
  type UpdateProgress,
} from '../../../../src/library/index.ts';
import { fakeInference } from '../fakeInference.ts';
import { collected, temporaryFolder, whileUnreadable } from '../temporaryFolder.ts';

describe('updateIndex', function () {
  this.timeout(20_000); // the tests use real files, and the machine may be busy
  it('embeds each new image only once', async () => {
    await using folder = await temporaryFolder({
      'a.png': 'red car',
      'deep/in here/ünï\ncode.jpg': 'tree',
      'x.txt': '',
    });
    const inference = fakeInference();
    await using library = await openLibrary({ root: folder.path, inference });
    const first = await updateIndex(library);
    assert.deepEqual([first.cancelled, first.found, first.embedded, first.reused, first.removed], [false, 2, 2, 0, 0]);
    assert.deepEqual(
      (await collected(listImages(library))).map((image) => image.path),
      ['a.png', 'deep/in here/ünï\ncode.jpg'],
    );
    const { hash, ...image } = imageAt(library, 'a.png') ?? assert.fail('a.png is not there');
    assert.match(hash, /^[0-9a-f]{64}$/);
    assert.deepEqual(image, { path: 'a.png', width: 32, height: 16, format: 'png', bytes: 7 });

    const second = await updateIndex(library);
    assert.deepEqual([second.unchanged, second.embedded, second.reused], [2, 0, 0]);
    assert.deepEqual(inference.seen.toSorted(), ['a.png', 'ünï\ncode.jpg']);
  });

  it('keeps the embeddings of moved, copied and restored files', async () => {
    await using folder = await temporaryFolder({ 'a.png': 'red car', 'b.png': 'tree' });
    const inference = fakeInference();
    await using library = await openLibrary({ root: folder.path, inference });
    await updateIndex(library);
    inference.seen.length = 0;

    await rename(folder.at('a.png'), folder.at('moved.png'));
    await folder.write({ 'copy.png': 'tree' });
    const moved = await updateIndex(library);
    assert.deepEqual([moved.embedded, moved.reused, moved.removed, moved.unchanged], [0, 2, 1, 1]);
    assert.equal(imageAt(library, 'a.png'), undefined);

    await rm(folder.at('moved.png'));
    const gone = await updateIndex(library);
    assert.deepEqual([gone.removed, countImages(library)], [1, { files: 2, blobs: 1, failures: 0 }]);
    await folder.write({ 'back.png': 'red car' });
    const back = await updateIndex(library);
    assert.deepEqual([back.embedded, back.reused], [0, 1]);
    assert.deepEqual(inference.seen, []);

    await rm(folder.at('back.png'));
    await updateIndex(library);
    await updateIndex(library, { keepDays: -1 }); // long ago
    await folder.write({ 'back.png': 'red car' });
    assert.equal((await updateIndex(library)).embedded, 1);
  });

  it('embeds images with the same bytes once', async () => {
    await using folder = await temporaryFolder({ 'a.png': 'cat', 'b.png': 'cat', 'c/a.png': 'cat', 'd.png': 'dog' });
    const inference = fakeInference();
    await using library = await openLibrary({ root: folder.path, inference });
    const summary = await updateIndex(library, { batchSize: 1 });
    assert.deepEqual([summary.embedded, summary.reused, inference.seen.length], [2, 2, 2]);
    assert.equal(imageAt(library, 'a.png')?.hash, imageAt(library, 'c/a.png')?.hash);
  });

  it('reads changed files again', async () => {
    await using folder = await temporaryFolder({ 'a.png': 'red', 'b.png': 'sun' });
    const inference = fakeInference();
    await using library = await openLibrary({ root: folder.path, inference });
    await updateIndex(library);
    const before = imageAt(library, 'a.png');
    await folder.write({ 'a.png': 'cat' }); // the same size at another time
    const summary = await updateIndex(library);
    assert.deepEqual([summary.embedded, summary.unchanged], [1, 1]);
    assert.notEqual(imageAt(library, 'a.png')?.hash, before?.hash);
    assert.equal(inference.seen.filter((name) => name === 'b.png').length, 1);
  });

  it('reports an unreadable image each time, but retries it only after a change or on request', async () => {
    await using folder = await temporaryFolder({ 'bad.png': 'broken', 'good.png': 'red', 'copy of bad.png': 'broken' });
    const inference = fakeInference();
    await using library = await openLibrary({ root: folder.path, inference });
    const expected = ['bad.png', 'copy of bad.png'].map((file) => ({ path: file, reason: 'it is no image' }));
    const byPath = (a: { path: string }, b: { path: string }): number => a.path.localeCompare(b.path);
    const first = await updateIndex(library);
    assert.deepEqual(first.failures.toSorted(byPath), expected);
    assert.equal(first.embedded, 1);
    const decoded = inference.seen.length;
    assert.equal(decoded, 2); // the copy shares the outcome

    const second = await updateIndex(library);
    assert.deepEqual(second.failures.toSorted(byPath), expected);
    assert.equal(inference.seen.length, decoded);
    assert.deepEqual(await collected(listFailures(library)), expected);

    await folder.write({ 'bad.png': 'mended' });
    assert.deepEqual((await updateIndex(library)).failures, expected.slice(1));
    assert.equal(imageAt(library, 'bad.png')?.bytes, 6);
    await updateIndex(library, { retryFailed: true });
    assert.equal(inference.seen.filter((name) => name.includes('copy')).length, 1);

    await folder.write({ 'good.png': 'broken now' }); // a former embedding of a broken image is not used
    assert.equal((await updateIndex(library)).failures.length, 2);
    assert.equal(imageAt(library, 'good.png'), undefined);
  });

  it('continues after a crash', async () => {
    const files = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`${i}.png`, `cat ${i}`]));
    await using folder = await temporaryFolder(files);
    const crashing = fakeInference();
    {
      await using library = await openLibrary({ root: folder.path, inference: crashing });
      crashing.beforeBatch = (batch) => {
        if (batch === 4) throw new Error('the process is gone');
      };
      const oneByOne = { batchSize: 4, batchesInFlight: 1 };
      await assert.rejects(updateIndex(library, oneByOne), /the process is gone/);
    }
    const inference = fakeInference();
    await using library = await openLibrary({ root: folder.path, inference });
    const summary = await updateIndex(library);
    assert.deepEqual([summary.unchanged, summary.embedded], [12, 8]);
    assert.equal(new Set([...inference.seen, ...crashing.seen]).size, 20);
  });

  it('keeps the finished images when it is cancelled', async () => {
    const files = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`${i}.png`, `dog ${i}`]));
    await using folder = await temporaryFolder(files);
    const inference = fakeInference();
    await using library = await openLibrary({ root: folder.path, inference });
    const abort = new AbortController();
    inference.beforeBatch = (batch) => {
      if (batch === 3) abort.abort();
    };
    const summary = await updateIndex(library, { signal: abort.signal, batchSize: 4, batchesInFlight: 1 });
    assert.deepEqual([summary.cancelled, summary.embedded, countImages(library).files], [true, 8, 8]);
    const stopped = await updateIndex(library, { signal: AbortSignal.abort() });
    assert.deepEqual([stopped.cancelled, stopped.partial], [true, null]); // it has not counted the images
    assert.equal(countImages(library).files, 8);
  });

  it('tells how much is done when it is cancelled, and continues counting from there', async () => {
    const files = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`${i}.png`, `dog ${i}`]));
    await using folder = await temporaryFolder({ ...files, 'bad.png': 'broken' });
    const inference = fakeInference();
    await using library = await openLibrary({ root: folder.path, inference });
    const abort = new AbortController();
    inference.beforeBatch = (batch) => {
      if (batch === 3) abort.abort();
    };
    const options = { batchSize: 4, batchesInFlight: 1 };
    const first = await updateIndex(library, { ...options, signal: abort.signal });
    assert.deepEqual(first.partial, { done: 8, total: 21 });
    inference.beforeBatch = () => undefined;
    const events: UpdateProgress[] = [];
    const second = await updateIndex(library, { ...options, onProgress: (event) => events.push(event) });
    assert.equal(second.partial, null);
    const embedding = events.filter(({ phase }) => phase === 'embed');
    assert.ok(embedding.every(({ done, total }) => done > 8 && total === 21));
    assert.equal(embedding.at(-1)?.done, 21);
  });

  it('embeds images again for another model, and keeps the embeddings of the first', async () => {
    await using folder = await temporaryFolder({ 'a.png': 'red', 'b.png': 'blue', 'bad.png': 'broken' });
    const [one, two] = [fakeInference('one'), fakeInference('two')];
    await using first = await openLibrary({ root: folder.path, inference: one });
    await using second = await openLibrary({ root: folder.path, inference: two });
    await updateIndex(first);
    const summary = await updateIndex(second);
    assert.deepEqual([summary.embedded, summary.failures.length, two.seen.length], [2, 1, 3]);
    assert.deepEqual([(await updateIndex(first)).embedded, one.seen.length], [0, 3]);
    assert.equal((await first.matrix()).blobs.length, 2);
  });

  it('stores failures per model', async () => {
    await using folder = await temporaryFolder({ 'a.png': 'red', 'large.png': 'blue' });
    const [small, large] = [fakeInference('small'), fakeInference('large')];
    const embedImages = large.embedImages.bind(large);
    large.embedImages = async (images, signal) =>
      (await embedImages(images, signal)).map((outcome, i) => {
        const image = images[i];
        if (image?.kind !== 'file' || !image.path.includes('large')) return outcome;
        return { ok: false, hash: outcome.hash, reason: 'too large', permanent: true };
      });
    await using first = await openLibrary({ root: folder.path, inference: small });
    await using second = await openLibrary({ root: folder.path, inference: large });
    const failure = { path: 'large.png', reason: 'too large' };
    assert.deepEqual((await updateIndex(second)).failures, [failure]);
    assert.deepEqual([(await updateIndex(first)).embedded, countImages(first).failures], [2, 0]);
    assert.deepEqual((await updateIndex(second)).failures, [failure]);
    assert.deepEqual(await collected(listFailures(second)), [failure]);
    assert.equal(large.seen.filter((name) => name === 'large.png').length, 1);
    assert.deepEqual([(await updateIndex(first)).unchanged, (await first.matrix()).blobs.length], [2, 2]);

    await folder.write({ 'large.png': 'sun' });
    await updateIndex(first);
    assert.deepEqual(await collected(listFailures(second)), []); // the failure applied to the former version of the file
  });

  it('does not try a renamed or copied image again that failed, unless its extension or its content changes', async () => {
    await using folder = await temporaryFolder({ 'bad.png': 'broken', 'good.png': 'red' });
    const inference = fakeInference();
    await using library = await openLibrary({ root: folder.path, inference });
    await updateIndex(library);
    assert.equal(inference.seen.length, 2);

    await rename(folder.at('bad.png'), folder.at('renamed.PNG'));
    await folder.write({ 'copy.png': 'broken' });
    const failures = ['copy.png', 'renamed.PNG'].map((file) => ({ path: file, reason: 'it is no image' }));
    const summary = await updateIndex(library);
    assert.deepEqual(
      summary.failures.toSorted((a, b) => a.path.localeCompare(b.path)),
      failures,
    );
    assert.deepEqual(await collected(listFailures(library)), failures);
    assert.equal(inference.seen.length, 2);

    await rename(folder.at('copy.png'), folder.at('copy.tga'));
    await folder.write({ 'renamed.PNG': 'mended' });
    await updateIndex(library);
    assert.deepEqual(inference.seen.slice(2).toSorted(), ['copy.tga', 'renamed.PNG']);
    await updateIndex(library, { retryFailed: true });
    assert.deepEqual(inference.seen.slice(4), ['copy.tga']);
  });

  it('retries an image after a temporary failure', async () => {
    await using folder = await temporaryFolder({ 'a.png': 'slow', 'b.png': 'slow', 'c.png': 'broken' });
    const inference = fakeInference();
    await using library = await openLibrary({ root: folder.path, inference });
    assert.equal((await updateIndex(library)).failures.length, 3);
    const embedImages = inference.embedImages.bind(inference);
    inference.embedImages = (images) =>
      embedImages(images.map(() => ({ kind: 'bytes', name: 'again', bytes: Buffer.from('slow') })));
    assert.equal((await updateIndex(library)).failures.length, 3);
    assert.deepEqual(inference.seen.slice(2), ['again']);
  });

  it('stores the bytes that were decoded if an image changes during decoding', async () => {
    await using folder = await temporaryFolder({ 'a.png': 'cat', 'b.png': 'cat' });
    const inference = fakeInference();
    await using library = await openLibrary({ root: folder.path, inference });
    inference.beforeBatch = async (batch) => {
      if (batch === 1) await folder.write({ 'a.png': 'sun and house' });
    };
    await updateIndex(library, { readers: 1 });
    const [a, b] = [imageAt(library, 'a.png'), imageAt(library, 'b.png')];
    assert.ok(a && b && a.hash !== b.hash);
    const embedded = inference.seen.length;
    const next = await updateIndex(library);
    assert.deepEqual([next.reused, next.unchanged, inference.seen.length], [1, 1, embedded]);
    assert.equal(imageAt(library, 'a.png')?.hash, a.hash);
  });

  it('removes an image that is deleted during decoding', async () => {
    await using folder = await temporaryFolder({ 'a.png': 'cat', 'b.png': 'dog' });
    const inference = fakeInference();
    await using library = await openLibrary({ root: folder.path, inference });
    inference.beforeBatch = () => rm(folder.at('a.png'), { force: true });
    const summary = await updateIndex(library);
    assert.deepEqual([summary.failures, summary.embedded, summary.removed], [[], 1, 1]);
    assert.deepEqual(countImages(library), { files: 1, blobs: 1, failures: 0 });
  });

  it('reports images without a finite embedding as failures', async () => {
    await using folder = await temporaryFolder({ 'a.png': 'cat', 'b.png': 'dog' });
    const inference = fakeInference();
    const embedImages = inference.embedImages.bind(inference);
    inference.embedImages = async (images, signal) => {
      const outcomes = await embedImages(images, signal);
      for (const outcome of outcomes.slice(0, 1)) if (outcome.ok) outcome.embedding[0] = NaN;
      return outcomes;
    };
    await using library = await openLibrary({ root: folder.path, inference });
    const summary = await updateIndex(library);
    assert.match(summary.failures[0]?.reason ?? '', /finite/);
    assert.equal(countImages(library).files, 1);
  });

  it('updates only some files on request', async () => {
    await using folder = await temporaryFolder({
      'a.png': 'cat',
      'b.png': 'dog',
      'in/c.png': 'sun',
      '.gitignore': 'ignored',
      'ignored/d.png': 'road',
    });
    await symlink('in', folder.at('.linked')); // a full scan finds in/ itself, so the link adds nothing
    const inference = fakeInference();
    await using library = await openLibrary({ root: folder.path, inference });
    await updateIndex(library);
    await folder.write({ 'a.png': 'cat tree', 'b.png': 'dog tree', 'in/new.png': 'house', 'ignored/e.png': 'car' });
    await rm(folder.at('in/c.png'));
    const summary = await updateIndex(library, { scan: { among: ['a.png', 'in/', 'ignored/e.png', 'none.png'] } });
    assert.deepEqual([summary.found, summary.embedded, summary.removed], [2, 2, 1]);
    const paths = (await collected(listImages(library))).map((image) => image.path);
    assert.deepEqual(paths, ['a.png', 'b.png', 'in/new.png']);
    assert.equal(imageAt(library, 'b.png')?.bytes, 3);
  });

  it('keeps files that a narrower scan excludes only on request, and always removes deleted files', async () => {
    await using folder = await temporaryFolder({ 'a.png': 'cat', 'b.svg': 'dog', 'c.png': 'sun', 'old/d.png': 'road' });
    await using library = await openLibrary({ root: folder.path, inference: fakeInference() });
    await updateIndex(library);
    const paths = async () => (await collected(listImages(library))).map(({ path }) => path);
    await rm(folder.at('c.png'));
    await rm(folder.at('b.svg'));
    const scan = { include: ['**/*.png'], exclude: ['old'] };
    const partial = await updateIndex(library, { scan, keepExcluded: true });
    assert.deepEqual([partial.found, partial.unchanged, partial.removed], [1, 1, 1]);
    assert.deepEqual(await paths(), ['a.png', 'b.svg', 'old/d.png']); // b.svg is still in the index, because the scan did not include it
    await updateIndex(library, { scan });
    assert.deepEqual(await paths(), ['a.png']);
  });

  it('reports progress and the total until the end', async () => {
    const files = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`${i}.png`, `dog ${i}`]));
    await using folder = await temporaryFolder({ ...files, 'bad.png': 'broken' });
    await using library = await openLibrary({ root: folder.path, inference: fakeInference() });
    const events: UpdateProgress[] = [];
    await updateIndex(library, { batchSize: 2, onProgress: (event) => events.push(event) });
    const last = events.at(-1);
    assert.deepEqual([last?.phase, last?.done, last?.total, last?.failed], ['embed', 11, 11, 1]);
    assert.ok((last?.imagesPerSecond ?? 0) > 0);
    assert.ok(events.some(({ phase, done }) => phase === 'scan' && done === 11));
  });

  it('never exceeds the maximum number of batches in flight', async () => {
    const files = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`${i}.png`, `dog ${i}`]));
    await using folder = await temporaryFolder(files);
    const inference = fakeInference();
    const embedImages = inference.embedImages.bind(inference);
    let underWay = 0;
    let most = 0;
    inference.embedImages = async (images, signal) => {
      most = Math.max(most, ++underWay);
      assert.ok(images.length <= 4);
      await new Promise((resolve) => setTimeout(resolve, 2));
      const outcomes = await embedImages(images, signal);
      underWay--;
      return outcomes;
    };
    await using library = await openLibrary({ root: folder.path, inference });
    const summary = await updateIndex(library, { batchSize: 4, batchesInFlight: 3 });
    assert.deepEqual([summary.embedded, most], [40, 3]);
  });

  it('keeps the images of a folder that is temporarily unreadable', async () => {
    await using folder = await temporaryFolder({ 'a.png': 'cat', 'locked/b.png': 'dog' });
    await using library = await openLibrary({ root: folder.path, inference: fakeInference() });
    await updateIndex(library);
    await whileUnreadable(folder, 'locked', async () => {
      const summary = await updateIndex(library);
      assert.deepEqual([summary.unreadable.map((it) => it.path), summary.removed], [['locked'], 0]);
      assert.ok(imageAt(library, 'locked/b.png'));
    });
  });

  it('retries an unreadable file even if it has not changed', async () => {
    await using folder = await temporaryFolder({ 'a.png': 'cat' });
    await using library = await openLibrary({ root: folder.path, inference: fakeInference() });
    await whileUnreadable(folder, 'a.png', async () => {
      const { failures } = await updateIndex(library);
      assert.match(failures[0]?.reason ?? '', /cannot be read.*EACCES/);
    });
    const summary = await updateIndex(library);
    assert.deepEqual([summary.failures, summary.embedded], [[], 1]);
  });

  it('excludes an index in the folder from version control and from the scan', async () => {
    await using folder = await temporaryFolder({ 'a.png': 'cat', '.assetlens-not/b.png': 'dog' });
    await mkdir(folder.at('.assetlens'));
    await using library = await openLibrary({ root: folder.path, inference: fakeInference() });
    assert.equal(library.indexFile, folder.at('.assetlens/index.db'));
    await writeFile(folder.at('.assetlens/thumbnail.png'), 'sun');
    assert.equal(await readFile(folder.at('.assetlens/.gitignore'), 'utf8'), '*\n');
    assert.equal((await updateIndex(library)).found, 2);
  });
});
