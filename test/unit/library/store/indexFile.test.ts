import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { rm, mkdir, open, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { UserError } from '../../../../src/clip/index.ts';
import {
  countImages,
  describeIndex,
  imageAt,
  openLibrary,
  readManualTags,
  search,
  setManualTags,
  updateIndex,
  type Library,
} from '../../../../src/library/index.ts';
import { fakeInference } from '../fakeInference.ts';
import { temporaryFolder, whileUnreadable } from '../temporaryFolder.ts';

describe('The index file', function () {
  this.timeout(20_000); // the tests use real files, and the machine may be busy
  const opening = (root: string, indexFile?: string): Promise<Library> =>
    openLibrary({ root, indexFile, inference: fakeInference() });

  async function refused(promise: Promise<unknown>, message: RegExp): Promise<void> {
    await assert.rejects(promise, (error) => {
      assert.ok(error instanceof UserError, `${String(error)} is no UserError`);
      assert.match(error.message, message);
      return true;
    });
  }

  it('can be at any path, and keeps its data when it is opened again', async () => {
    await using folder = await temporaryFolder({ 'a.png': 'cat' });
    await using elsewhere = await temporaryFolder();
    const indexFile = elsewhere.at('deep/my index.db');
    {
      await using library = await opening(folder.path, indexFile);
      await updateIndex(library);
    }
    await using library = await opening(folder.path, indexFile);
    assert.ok(imageAt(library, 'a.png'));
    assert.deepEqual(await readdir(folder.path), ['a.png']);
    assert.ok(!('database' in library), "its SQL is nobody else's");
  });

  it('reports its size on the disk, and the number of images that each model has embedded', async () => {
    await using folder = await temporaryFolder({ 'a.png': 'cat', 'copy.png': 'cat', 'b.png': 'dog' });
    await using library = await opening(folder.path);
    await updateIndex(library);
    await using other = await openLibrary({ root: folder.path, inference: fakeInference('other') });
    await updateIndex(other);
    await rm(folder.at('b.png'));
    await updateIndex(library);
    const { bytes, models } = await describeIndex(library);
    assert.deepEqual(models, [
      { id: 'fake', images: 2, embeddings: 2 },
      { id: 'other', images: 2, embeddings: 2 },
    ]);
    let onDisk = 0;
    const indexFolder = path.dirname(library.indexFile);
    for (const name of await readdir(indexFolder)) {
      if (name.startsWith('index.db')) onDisk += (await stat(path.join(indexFolder, name))).size;
    }
    assert.equal(bytes, onDisk);
    assert.ok(bytes > 10_000);
  });

  it('of a newer version is not changed', async () => {
    await using folder = await temporaryFolder();
    await (await opening(folder.path, folder.at('i.db')))[Symbol.asyncDispose]();
    const raw = new DatabaseSync(folder.at('i.db'));
    raw.exec('PRAGMA user_version = 99');
    raw.close();
    await refused(
      opening(folder.path, folder.at('i.db')),
      /newer AssetLens \(format 99.*Update AssetLens.*without the manual tags/s,
    );
    assert.deepEqual(await readdir(folder.path), ['i.db']);
  });

  it('of the first version can be opened, and its failures are retried', async () => {
    await using folder = await temporaryFolder({ 'a.png': 'cat', 'b.png': 'dog' });
    const indexFile = folder.at('i.db');
    const first = new DatabaseSync(indexFile);
    first.exec(await readFile(new URL('fixtures/index-version-1.sql', import.meta.url), 'utf8'));
    const { size, mtimeMs } = await stat(folder.at('b.png'));
    first
      .prepare('INSERT INTO failures VALUES (?, ?, ?, ?)')
      .run('b.png', size, mtimeMs, 'decoding it ends the process');
    first.close();
    await using library = await opening(folder.path, indexFile);
    const summary = await updateIndex(library);
    assert.deepEqual([summary.failures, summary.embedded], [[], 2]);
  });

  it('of another program is not changed', async () => {
    await using folder = await temporaryFolder();
    const raw = new DatabaseSync(folder.at('i.db'));
    raw.exec('CREATE TABLE things (id)');
    raw.close();
    await refused(opening(folder.path, folder.at('i.db')), /another program/);
    const again = new DatabaseSync(folder.at('i.db'));
    assert.equal(again.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n'], 1);
    again.close();
  });

  /** Overwrites pages of a closed index: all except the first, or a range. */
  async function garble(file: string, fromPage = 1, toPage = Infinity): Promise<void> {
    const end = Math.min((await stat(file)).size, toPage * 4096);
    await using handle = await open(file, 'r+');
    await handle.write(Buffer.alloc(end - fromPage * 4096, 0xab), 0, end - fromPage * 4096, fromPage * 4096);
  }

  /** Creates an index with two manual tags, and `more` manual tags of other blobs. */
  async function tagged(root: string, indexFile: string, more = 0): Promise<void> {
    await using library = await opening(root, indexFile);
    await updateIndex(library);
    const hash = imageAt(library, 'a.png')?.hash ?? assert.fail('a.png is not there');
    await setManualTags(library, [
      { hash, label: 'mine', holds: true },
      { hash, label: 'car', holds: false },
      ...Array.from({ length: more }, (_, i) => ({
        hash: createHash('sha256').update(`${i}`).digest('hex'),
        label: `label ${i}`,
        holds: true,
      })),
    ]);
  }

  const countTags = (library: Library): number =>
    [...readManualTags(library).values()].reduce((count, tags) => count + tags.size, 0);

  /** Returns the number of the first page of a table of a closed index, from 0. */
  function pageOf(file: string, table: string): number {
    const raw = new DatabaseSync(file);
    const root = raw.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').get(table)?.['rootpage'];
    raw.close();
    return Number(root) - 1;
  }

  it('that is no longer a database is kept under another name and replaced', async () => {
    const garbage = 'no database, but long enough for one'.repeat(99);
    await using folder = await temporaryFolder({ 'a.png': 'cat', 'i.db': garbage });
    {
      await using library = await opening(folder.path, folder.at('i.db'));
      const { keptAs = '', manualTags, complete } = library.recovered ?? {};
      assert.match(keptAs, /i\.damaged-\d{4}-\d\d-\d\d-\d{6}\.db$/);
      assert.deepEqual([manualTags, complete], [0, false]);
      assert.equal(await readFile(keptAs, 'utf8'), garbage);
      assert.equal((await updateIndex(library)).embedded, 1);
    }
    await using again = await opening(folder.path, folder.at('i.db'));
    assert.equal(again.recovered, undefined); // the recovery is reported once
    assert.ok(imageAt(again, 'a.png'));
  });

  it('that is truncated is replaced, and its manual tags are recovered', async () => {
    const more = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`${i}.png`, `dog ${i}`]));
    await using folder = await temporaryFolder({ 'a.png': 'cat', ...more });
    const indexFile = folder.at('i.db');
    await tagged(folder.path, indexFile);
    await (await opening(folder.path, folder.at('empty.db')))[Symbol.asyncDispose]();
    const { size } = await stat(folder.at('empty.db')); // the pages of the schema, and the first one of each table
    assert.ok((await stat(indexFile)).size > size);
    await truncate(indexFile, size);
    await using library = await opening(folder.path, indexFile);
    assert.deepEqual([library.recovered?.manualTags, library.recovered?.complete], [2, true]);
    await updateIndex(library);
    const manualTags = readManualTags(library).get(imageAt(library, 'a.png')?.hash ?? '');
    assert.deepEqual(
      manualTags,
      new Map([
        ['car', false],
        ['mine', true],
      ]),
    );
  });

  it('whose damage shows only while it is open is replaced when it is opened the next time', async () => {
    await using folder = await temporaryFolder({ 'a.png': 'cat' });
    const indexFile = folder.at('i.db');
    await tagged(folder.path, indexFile);
    await garble(indexFile, pageOf(indexFile, 'files'), pageOf(indexFile, 'files') + 1);
    await refusedOnce(folder.path, indexFile);
    await using library = await opening(folder.path, indexFile);
    assert.equal(library.recovered?.manualTags, 2);
    assert.deepEqual(
      (await readdir(folder.path)).filter((name) => name.endsWith('-damaged')),
      [],
    );
  });

  it('with partly damaged manual tags provides the readable ones', async () => {
    await using folder = await temporaryFolder({ 'a.png': 'cat' });
    const indexFile = folder.at('i.db');
    await tagged(folder.path, indexFile, 1000);
    const { size } = await stat(indexFile);
    await garble(indexFile, size / 4096 - 5, size / 4096 - 4); // one of the last pages, which contain the manual tags
    await garble(indexFile, pageOf(indexFile, 'files'), pageOf(indexFile, 'files') + 1);
    await refusedOnce(folder.path, indexFile);
    await using library = await opening(folder.path, indexFile);
    const { manualTags = 0, complete } = library.recovered ?? {};
    assert.equal(complete, false);
    assert.ok(manualTags > 900 && manualTags < 1002, String(manualTags));
    assert.equal(countTags(library), manualTags);
  });

  it('is replaced only once if two libraries open it at the same time', async () => {
    await using folder = await temporaryFolder({ 'a.png': 'cat' });
    const indexFile = folder.at('i.db');
    await tagged(folder.path, indexFile);
    await garble(indexFile, pageOf(indexFile, 'files'), pageOf(indexFile, 'files') + 1);
    await refusedOnce(folder.path, indexFile);
    const both = await Promise.all([opening(folder.path, indexFile), opening(folder.path, indexFile)]);
    try {
      assert.equal(both.filter(({ recovered }) => recovered).length, 1);
      assert.deepEqual(both.map(countTags), [2, 2]);
    } finally {
      for (const library of both) await library[Symbol.asyncDispose]();
    }
    assert.equal((await readdir(folder.path)).filter((name) => /damaged-.*db$/.test(name)).length, 1);
  });

  it('is not mistaken for another unreadable file, which is not changed', async () => {
    await using folder = await temporaryFolder({ 'notes.txt': 'my notes'.repeat(99), 'other.db': '' });
    await refused(opening(folder.path, folder.at('notes.txt')), /not an AssetLens index.*does not change it/);
    const raw = new DatabaseSync(folder.at('other.db'));
    raw.exec('CREATE TABLE things (id)');
    raw.close();
    await using handle = await open(folder.at('other.db'), 'r+');
    await handle.write(Buffer.alloc(3000, 0xab), 0, 3000, 100);
    await refused(opening(folder.path, folder.at('other.db')), /not an AssetLens index.*does not change it/);
    assert.deepEqual((await readdir(folder.path)).sort(), ['notes.txt', 'other.db']);
  });

  async function refusedOnce(root: string, indexFile: string): Promise<void> {
    const updating = opening(root, indexFile).then(async (library) => {
      try {
        await updateIndex(library);
      } finally {
        await library[Symbol.asyncDispose]();
      }
    });
    await refused(updating, /damaged.*Reload the window, or run the command again.*renames/s);
  }

  it('reports that it cannot be created or written', async () => {
    await using folder = await temporaryFolder({ file: '', 'locked/i.db': '' });
    await refused(opening(folder.path, folder.at('file/i.db')), /folder .* cannot be created/);
    await mkdir(folder.at('folder.db'));
    await refused(opening(folder.path, folder.at('folder.db')), /cannot be written/);
    await whileUnreadable(folder, 'locked', async () => {
      await refused(opening(folder.path, folder.at('locked/i.db')), /cannot be written/);
    });
    await refused(opening(folder.at('none')), /is not a folder/);
    await refused(opening(folder.at('file')), /is not a folder/);
  });

  it('contains embeddings of one size for each model', async () => {
    await using folder = await temporaryFolder();
    await (await opening(folder.path))[Symbol.asyncDispose]();
    const inference = fakeInference();
    inference.model.manifest.embeddingSize = 99;
    await refused(openLibrary({ root: folder.path, inference }), /another size/);
  });

  it('supports two writers and a reader at the same time in one process', async () => {
    const files = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`${i}.png`, `cat ${i}`]));
    await using folder = await temporaryFolder(files);
    await using one = await opening(folder.path);
    await using two = await opening(folder.path);
    const small = { batchSize: 2 };
    const updates = Promise.all([updateIndex(one, small), updateIndex(two, small), updateIndex(one, small)]);
    for (let i = 0; i < 5; i++) await search(two, 'cat');
    await updates;
    assert.deepEqual(countImages(one), { files: 60, blobs: 60, failures: 0 });
    assert.equal((await search(one, 'cat', { limit: 100 })).length, 60);
  });

  it('supports two processes that create and fill it at the same time, and a third that is killed', async () => {
    const files = Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`${i}.png`, `dog ${i}`]));
    await using folder = await temporaryFolder(files);
    const script = new URL('indexingProcess.ts', import.meta.url);
    const start = (): ChildProcess =>
      fork(script, [folder.path], { execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    const [killed, ...others] = [start(), start(), start()];
    killed.once('message', () => killed.kill('SIGKILL')); // it sends a message when its first batch starts
    const outputs = others.map((child) => {
      let output = '';
      child.stderr?.setEncoding('utf8').on('data', (text: string) => (output += text));
      return once(child, 'exit').then(([code]: unknown[]) => [code, output]);
    });
    assert.deepEqual(await Promise.all(outputs), [
      [0, ''],
      [0, ''],
    ]);
    await using library = await opening(folder.path);
    const summary = await updateIndex(library);
    assert.deepEqual([summary.unchanged, summary.embedded], [90, 0]);
    const raw = new DatabaseSync(library.indexFile);
    assert.deepEqual({ ...raw.prepare('PRAGMA integrity_check').get() }, { integrity_check: 'ok' });
    raw.close();
  });

  it('waits for a writing process without blocking this one', async () => {
    await using folder = await temporaryFolder({ 'a.png': 'cat' });
    await using library = await opening(folder.path);
    const raw = new DatabaseSync(library.indexFile);
    raw.exec('BEGIN IMMEDIATE');
    let turns = 0;
    const timer = setInterval(() => {
      if (++turns === 10) raw.exec('ROLLBACK');
    }, 1);
    const summary = await updateIndex(library);
    clearInterval(timer);
    raw.close();
    assert.equal(summary.embedded, 1);
    assert.ok(turns >= 10);
  });

  it('removes the rows of deleted files, and reads the matrix again only if rows changed', async () => {
    await using folder = await temporaryFolder({ 'a.png': 'cat', 'b.png': 'dog' });
    const inference = fakeInference();
    await using library = await openLibrary({ root: folder.path, inference });
    await updateIndex(library);
    await search(library, 'cat');
    await updateIndex(library);
    await search(library, 'dog');
    await folder.write({ 'copy of a.png': 'cat' }); // one more path, but the same rows
    await updateIndex(library);
    assert.equal((await search(library, 'cat')).length, 3);
    assert.equal(inference.matrices.length, 1);
    await writeFile(folder.at('b.png'), 'broken');
    await updateIndex(library);
    assert.equal((await search(library, 'cat')).length, 2);
    assert.equal(inference.matrices.length, 2);
  });

  it('sends only the added rows to the encoder, or all rows if an id may have been reused', async () => {
    await using folder = await temporaryFolder({ 'a.png': 'cat', 'b.png': 'dog' });
    const inference = fakeInference();
    await using library = await openLibrary({ root: folder.path, inference });
    await updateIndex(library);
    await search(library, 'cat');
    await folder.write({ 'c.png': 'tree' });
    await updateIndex(library);
    assert.equal((await search(library, 'tree'))[0]?.path, 'c.png');
    const [first, second] = inference.matrices;
    assert.deepEqual(second, { key: first?.key, from: 2, rows: 3 });

    await rm(folder.at('c.png'));
    await updateIndex(library, { keepDays: -1 }); // deletes its blob and embedding immediately
    await folder.write({ 'd.png': 'house' }); // SQLite gives it the same id
    await updateIndex(library);
    assert.equal((await search(library, 'house'))[0]?.path, 'd.png');
    assert.deepEqual([inference.matrices[2]?.from, inference.matrices[2]?.rows], [0, 3]);
    assert.notEqual(inference.matrices[2]?.key, first?.key);
  });
});
