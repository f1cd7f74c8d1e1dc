import assert from 'node:assert/strict';
import { rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import {
  countImages,
  imageAt,
  listFailures,
  listImages,
  manualTagsOf,
  openLibrary,
  search,
  parseQuery,
  updateIndex,
  type Library,
  type UpdateSummary,
} from '../../../../src/library/index.ts';
import { fakeInference } from '../fakeInference.ts';
import { setManualTag } from '../labels/setManualTag.ts';
import { collected, temporaryFolder } from '../temporaryFolder.ts';

const HEART_AND_STAR = 'sheet\n#heart red cat\n#star blue dog\n';

describe('the images of a sheet in the index', function () {
  this.timeout(20_000); // the tests use real files, and the machine may be busy

  const paths = async (library: Library): Promise<string[]> =>
    (await collected(listImages(library))).map(({ path }) => path);
  const hashAt = (library: Library, path: string): string => imageAt(library, path)?.hash ?? assert.fail(path);
  const counts = ({ found, unchanged, embedded, reused, removed }: UpdateSummary): number[] => [
    ...[found, unchanged, embedded, reused, removed],
  ];

  it('are images of their own, in place of the sheet', async () => {
    await using folder = await temporaryFolder({ 'icons.svg': HEART_AND_STAR, 'a.png': 'tree', 'b.svg': 'car' });
    const inference = fakeInference();
    await using library = await openLibrary({ root: folder.path, inference });
    assert.deepEqual(counts(await updateIndex(library)), [4, 0, 4, 0, 0]);
    assert.deepEqual(await paths(library), ['a.png', 'b.svg', 'icons.svg#heart', 'icons.svg#star']);
    assert.deepEqual(countImages(library), { files: 4, blobs: 4, failures: 0 });
    const [best] = await search(library, parseQuery('red cat'), { names: false });
    assert.equal(best?.path, 'icons.svg#heart');
    inference.seen.length = 0;
    assert.deepEqual(counts(await updateIndex(library)), [4, 4, 0, 0, 0]);
    assert.deepEqual(inference.seen, [], 'nothing is read again');
    assert.deepEqual(counts(await updateIndex(library, { verify: true })), [4, 4, 0, 0, 0]);
  });

  it('follow the sheet when it changes, moves and is deleted', async () => {
    await using folder = await temporaryFolder({ 'icons.svg': HEART_AND_STAR });
    const inference = fakeInference();
    await using library = await openLibrary({ root: folder.path, inference });
    await updateIndex(library);
    inference.seen.length = 0;
    await folder.write({ 'icons.svg': 'sheet\n#heart red cat\n#sun sun\n' });
    const changed = await updateIndex(library, { scan: { among: ['icons.svg'] } });
    assert.deepEqual([changed.embedded, changed.reused, changed.found], [1, 1, 2]);
    assert.deepEqual(inference.seen, ['icons.svg', 'icons.svg#sun'], 'only the new image is embedded');
    assert.deepEqual(await paths(library), ['icons.svg#heart', 'icons.svg#sun']);

    await rename(folder.at('icons.svg'), folder.at('moved.svg'));
    assert.deepEqual(counts(await updateIndex(library)), [2, 0, 0, 2, 2]);
    assert.deepEqual(await paths(library), ['moved.svg#heart', 'moved.svg#sun']);

    await folder.write({ 'moved.svg': 'red car' });
    await updateIndex(library);
    assert.deepEqual(await paths(library), ['moved.svg'], 'a drawing again');
    await folder.write({ 'moved.svg': HEART_AND_STAR });
    await updateIndex(library);
    await rm(folder.at('moved.svg'));
    const gone = await updateIndex(library, { scan: { among: ['moved.svg'] } });
    assert.deepEqual([gone.removed, await paths(library)], [2, []]);
  });

  it('are unchanged when only the time of the file changes', async () => {
    await using folder = await temporaryFolder({ 'icons.svg': HEART_AND_STAR });
    await using library = await openLibrary({ root: folder.path, inference: fakeInference() });
    await updateIndex(library);
    await utimes(folder.at('icons.svg'), 1, 1);
    assert.deepEqual(counts(await updateIndex(library)), [2, 0, 0, 2, 0]);
    assert.deepEqual(counts(await updateIndex(library)), [2, 2, 0, 0, 0]);
  });

  it('include the file itself where it shows something without a fragment', async () => {
    await using folder = await temporaryFolder({ 'map.svg': 'drawing road\n#detail tree\n' });
    await using library = await openLibrary({ root: folder.path, inference: fakeInference() });
    assert.deepEqual(counts(await updateIndex(library)), [2, 0, 2, 0, 0]);
    assert.deepEqual(await paths(library), ['map.svg', 'map.svg#detail']);
    assert.deepEqual(counts(await updateIndex(library)), [2, 2, 0, 0, 0]);
    await using other = await openLibrary({ root: folder.path, inference: fakeInference('other') });
    assert.deepEqual(counts(await updateIndex(other)), [2, 0, 2, 0, 0], 'for another model');
    assert.deepEqual(counts(await updateIndex(other)), [2, 2, 0, 0, 0]);
  });

  it('are embedded by another model without being listed again', async () => {
    await using folder = await temporaryFolder({ 'icons.svg': HEART_AND_STAR });
    await using library = await openLibrary({ root: folder.path, inference: fakeInference() });
    await updateIndex(library);
    const inference = fakeInference('other');
    await using other = await openLibrary({ root: folder.path, inference });
    assert.deepEqual(counts(await updateIndex(other)), [2, 0, 2, 0, 0]);
    assert.deepEqual(inference.seen, ['icons.svg#heart', 'icons.svg#star']);
  });

  it('are completed after an update that was cancelled', async () => {
    await using folder = await temporaryFolder({ 'icons.svg': HEART_AND_STAR });
    const inference = fakeInference();
    await using library = await openLibrary({ root: folder.path, inference });
    const abort = new AbortController();
    inference.beforeBatch = (batch) => {
      if (batch === 2) abort.abort();
    };
    const cancelled = await updateIndex(library, { signal: abort.signal });
    assert.deepEqual([cancelled.cancelled, cancelled.partial], [true, { done: 0, total: 2 }]);
    assert.deepEqual(counts(await updateIndex(library)), [2, 0, 2, 0, 0]);
    assert.deepEqual(await paths(library), ['icons.svg#heart', 'icons.svg#star']);
  });

  it('keep their manual tags when they change, also if the sheet was damaged in between', async () => {
    await using folder = await temporaryFolder({ 'icons.svg': HEART_AND_STAR });
    await using library = await openLibrary({ root: folder.path, inference: fakeInference() });
    await updateIndex(library);
    await setManualTag(library, [hashAt(library, 'icons.svg#heart')], 'love', true);
    const labels = (path: string): string[] => manualTagsOf(library, [hashAt(library, path)]).map(({ label }) => label);
    await folder.write({ 'icons.svg': 'sheet\n#heart red car\n#star blue dog\n' });
    await updateIndex(library);
    assert.deepEqual([labels('icons.svg#heart'), labels('icons.svg#star')], [['love'], []]);
    await folder.write({ 'icons.svg': 'broken' });
    const broken = await updateIndex(library);
    assert.deepEqual(broken.failures, [{ path: 'icons.svg', reason: 'it is no image' }]);
    assert.deepEqual(await paths(library), []);
    assert.equal((await updateIndex(library)).embedded, 0);
    await folder.write({ 'icons.svg': 'sheet\n#heart red tree\n' });
    await updateIndex(library);
    assert.deepEqual(labels('icons.svg#heart'), ['love']);
  });

  it('that cannot be drawn are problems of their own', async () => {
    await using folder = await temporaryFolder({ 'icons.svg': 'sheet\n#heart red\n#empty broken\n' });
    await using library = await openLibrary({ root: folder.path, inference: fakeInference() });
    const failures = [{ path: 'icons.svg#empty', reason: 'it is no image' }];
    assert.deepEqual((await updateIndex(library)).failures, failures);
    const { found, unchanged, failures: again } = await updateIndex(library);
    assert.deepEqual([found, unchanged, again], [2, 1, failures]);
  });

  it('name the number of images that are left out', async () => {
    await using folder = await temporaryFolder({ 'icons.svg': `more ${HEART_AND_STAR}` });
    await using library = await openLibrary({ root: folder.path, inference: fakeInference() });
    const failures = [
      { path: 'icons.svg', reason: 'contains more images than AssetLens lists, which are the first 2 of 14' },
    ];
    assert.deepEqual((await updateIndex(library)).failures, failures);
    assert.deepEqual((await updateIndex(library)).failures, failures);
    assert.deepEqual(await collected(listFailures(library)), failures);
    assert.deepEqual(await paths(library), ['icons.svg#heart', 'icons.svg#star']);
  });

  it('of equal content are copies of each other', async () => {
    await using folder = await temporaryFolder({ 'icons.svg': HEART_AND_STAR, 'dist/icons.svg': '#heart red cat\n' });
    await using library = await openLibrary({ root: folder.path, inference: fakeInference() });
    await updateIndex(library);
    assert.equal(hashAt(library, 'dist/icons.svg#heart'), hashAt(library, 'icons.svg#heart'));
    const [best] = await search(library, parseQuery('red cat'), { names: false, stack: true });
    assert.deepEqual([best?.path, best?.copies], ['dist/icons.svg#heart', ['icons.svg#heart']]);
  });

  it('are found by their names and that of the sheet', async () => {
    await using folder = await temporaryFolder({ 'flags.svg': '#de sun\n#arrow-left sun night\n', 'a.png': 'night' });
    await using library = await openLibrary({ root: folder.path, inference: fakeInference() });
    await updateIndex(library);
    const named = async (query: string): Promise<string[]> =>
      (await search(library, parseQuery(query), { names: true }))
        .filter((result) => result.named)
        .map(({ path }) => path);
    assert.deepEqual(await named('left arrow'), ['flags.svg#arrow-left']);
    assert.deepEqual(await named('flag de'), ['flags.svg#de']);
    assert.deepEqual(await named('svg'), []);
  });

  it('are taken over from the index of an earlier version', async () => {
    await using folder = await temporaryFolder({ 'icons.svg': HEART_AND_STAR });
    await using elsewhere = await temporaryFolder();
    const [old, indexFile] = [elsewhere.at('old.db'), elsewhere.at('new.db')];
    {
      await using library = await openLibrary({ root: folder.path, indexFile: old, inference: fakeInference() });
      await updateIndex(library);
    }
    const inference = fakeInference();
    await using library = await openLibrary({ root: folder.path, indexFile, adopt: old, inference });
    assert.deepEqual(await paths(library), ['icons.svg#heart', 'icons.svg#star']);
    assert.deepEqual(counts(await updateIndex(library)), [2, 2, 0, 0, 0]);
    assert.deepEqual(inference.seen, ['icons.svg'], 'it is only listed');
  });

  it('cannot be confused with a file that has a "#" in its name', async () => {
    await using folder = await temporaryFolder({ 'a#b.png': 'red', 'x.svg#y.png': 'blue', 'x.svg': '#y.png green\n' });
    await using library = await openLibrary({ root: folder.path, inference: fakeInference() });
    const { failures } = await updateIndex(library);
    assert.deepEqual(
      failures.map(({ path }) => path),
      ['x.svg#y.png'],
    );
    assert.match(failures[0]?.reason ?? '', /rename the file/);
    assert.deepEqual(await paths(library), ['a#b.png', 'x.svg#y.png']);
    assert.equal(imageAt(library, 'x.svg#y.png')?.format, 'svg');
  });
});

describe('a list of symbols that a stranger wrote into an index', function () {
  this.timeout(20_000);

  it('leads to no file outside of the folder', async () => {
    const hash = '0'.repeat(64);
    const lists = [
      ...['/../../secret.svg', '..\\..\\secret.svg', 'a#b', '', 7].map((fragment) => [[fragment, hash]]),
      ...[[['a', 'no hash']], [[null]], [null], { heart: hash }, 'heart'],
    ].map((list) => JSON.stringify(list));
    for (const list of [...lists, '[[']) {
      await using folder = await temporaryFolder({ 'icons.svg': HEART_AND_STAR });
      const indexFile = folder.at('i.db');
      await (await openLibrary({ root: folder.path, indexFile, inference: fakeInference() }))[Symbol.asyncDispose]();
      const raw = new DatabaseSync(indexFile);
      const { size, mtimeMs } = await stat(folder.at('icons.svg'));
      raw.prepare(`INSERT INTO sheets VALUES ('icons.svg', ?, ?, ?, 0, ?)`).run(hash, size, mtimeMs, list);
      raw.close();
      const inference = fakeInference();
      await using library = await openLibrary({ root: folder.path, indexFile, inference });
      await updateIndex(library);
      assert.deepEqual(inference.seen, ['icons.svg', 'icons.svg#heart', 'icons.svg#star'], list);
    }
  });
});

describe('an index of the version before sheets', function () {
  this.timeout(20_000);

  /** Brings an index back to the version before: sheets are images. */
  function downgrade(indexFile: string, tagged: readonly string[] = []): void {
    const raw = new DatabaseSync(indexFile);
    const insert = raw.prepare(
      'INSERT INTO files (path, blob, size, mtime) SELECT ?, id, ?, ? FROM blobs WHERE hash = ?',
    );
    const sheets = raw.prepare('SELECT path, hash, size, mtime FROM sheets').all();
    for (const { path, hash, size, mtime } of sheets) {
      raw
        .prepare(`INSERT OR IGNORE INTO blobs (hash, width, height, format) VALUES (?, 9, 9, 'svg')`)
        .run(String(hash));
      raw
        .prepare(
          `INSERT INTO embeddings (blob, model, vector)
           SELECT b.id, m.id, (SELECT vector FROM embeddings LIMIT 1) FROM blobs b, models m WHERE b.hash = ?`,
        )
        .run(String(hash));
      insert.run(String(path), Number(size), Number(mtime), String(hash));
      for (const label of tagged) {
        raw.prepare('INSERT INTO manual_tags (hash, label, holds) VALUES (?, ?, 1)').run(String(hash), label);
      }
    }
    raw.exec(`
      DELETE FROM files WHERE path LIKE '%.svg#%';
      DELETE FROM embeddings WHERE blob NOT IN (SELECT blob FROM files);
      DELETE FROM blobs WHERE id NOT IN (SELECT blob FROM files);
      DROP TABLE sheets;
      DROP INDEX blobs_not_listed;
      ALTER TABLE blobs DROP COLUMN is_listed;
      ALTER TABLE failures DROP COLUMN content;
      PRAGMA user_version = 7`);
    raw.close();
  }

  it('finds the images of its sheets without embedding other drawings again', async () => {
    await using folder = await temporaryFolder({ 'icons.svg': HEART_AND_STAR, 'b.svg': 'car', 'a.png': 'tree' });
    {
      await using library = await openLibrary({
        root: folder.path,
        indexFile: folder.at('i.db'),
        inference: fakeInference(),
      });
      await updateIndex(library);
    }
    downgrade(folder.at('i.db'));
    const inference = fakeInference();
    await using library = await openLibrary({ root: folder.path, indexFile: folder.at('i.db'), inference });
    assert.deepEqual(
      (await collected(listImages(library))).map(({ path }) => path),
      ['a.png', 'b.svg', 'icons.svg'],
    );
    await updateIndex(library);
    assert.deepEqual(
      (await collected(listImages(library))).map(({ path }) => path),
      ['a.png', 'b.svg', 'icons.svg#heart', 'icons.svg#star'],
    );
    assert.deepEqual(inference.seen, ['icons.svg#heart', 'icons.svg#star']);
    inference.seen.length = 0;
    await folder.write({ 'copy.svg': HEART_AND_STAR });
    await updateIndex(library);
    assert.ok(imageAt(library, 'copy.svg#heart') && !imageAt(library, 'copy.svg'), 'also of a copy');
  });

  it('keeps a sheet that has manual tags as an image', async () => {
    await using folder = await temporaryFolder({ 'icons.svg': HEART_AND_STAR });
    {
      await using library = await openLibrary({
        root: folder.path,
        indexFile: folder.at('i.db'),
        inference: fakeInference(),
      });
      await updateIndex(library);
    }
    downgrade(folder.at('i.db'), ['sprite']);
    await using library = await openLibrary({
      root: folder.path,
      indexFile: folder.at('i.db'),
      inference: fakeInference(),
    });
    const tagsOfSheet = (): string[] =>
      manualTagsOf(library, [imageAt(library, 'icons.svg')?.hash ?? assert.fail()]).map(({ label }) => label);
    await updateIndex(library);
    assert.deepEqual([tagsOfSheet(), imageAt(library, 'icons.svg#heart')?.format], [['sprite'], 'svg']);
    await folder.write({ 'icons.svg': `${HEART_AND_STAR}#sun sun\n` });
    await updateIndex(library);
    assert.deepEqual([tagsOfSheet(), imageAt(library, 'icons.svg#sun')?.format], [['sprite'], 'svg']);
  });

  it('tries SVGs again that could not be read', async () => {
    await using folder = await temporaryFolder({ 'icons.svg': 'broken', 'a.png': 'broken' });
    const indexFile = folder.at('i.db');
    {
      await using library = await openLibrary({ root: folder.path, indexFile, inference: fakeInference() });
      await updateIndex(library);
    }
    downgrade(indexFile);
    const inference = fakeInference();
    await using library = await openLibrary({ root: folder.path, indexFile, inference });
    await updateIndex(library);
    assert.deepEqual(inference.seen, ['icons.svg']);
    await writeFile(folder.at('icons.svg'), HEART_AND_STAR);
    await updateIndex(library);
    assert.ok(imageAt(library, 'icons.svg#heart'));
  });
});
