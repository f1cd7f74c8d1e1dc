import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm, mkdir, open, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { HumanError } from '../../../src/clip/index.ts';
import { countImages, imageAt, openLibrary, search, updateIndex, type Library } from '../../../src/library/index.ts';
import { fakeInference } from './fakeInference.ts';
import { temporaryFolder, whileUnreadable } from './temporaryFolder.ts';

describe('the index file', function () {
  this.timeout(20_000); // they use real files, and the machine may be busy
  const opening = (root: string, indexFile?: string): Promise<Library> =>
    openLibrary({ root, indexFile, inference: fakeInference() });

  async function refused(promise: Promise<unknown>, message: RegExp): Promise<void> {
    await assert.rejects(promise, (error) => {
      assert.ok(error instanceof HumanError, `${String(error)} is no HumanError`);
      assert.match(error.message, message);
      return true;
    });
  }

  it('can be anywhere, and is there again when opened again', async () => {
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

  it('of a newer version is left alone', async () => {
    await using folder = await temporaryFolder();
    await (await opening(folder.path, folder.at('i.db')))[Symbol.asyncDispose]();
    const raw = new DatabaseSync(folder.at('i.db'));
    raw.exec('PRAGMA user_version = 99');
    raw.close();
    await refused(opening(folder.path, folder.at('i.db')), /newer AssetLens \(format 99.*Update AssetLens, or delete/s);
  });

  it('of the first version opens, and its failures are tried again', async () => {
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

  it('of another program is left alone', async () => {
    await using folder = await temporaryFolder();
    const raw = new DatabaseSync(folder.at('i.db'));
    raw.exec('CREATE TABLE things (id)');
    raw.close();
    await refused(opening(folder.path, folder.at('i.db')), /another program/);
    const again = new DatabaseSync(folder.at('i.db'));
    assert.equal(again.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n'], 1);
    again.close();
  });

  it('that is damaged names what to delete', async () => {
    await using folder = await temporaryFolder({
      'a.png': 'cat',
      'i.db': 'no database, but long enough for one'.repeat(99),
    });
    await refused(opening(folder.path, folder.at('i.db')), /damaged.*Delete it, with .*i\.db-wal/s);

    {
      await using library = await opening(folder.path, folder.at('j.db'));
      await updateIndex(library);
    }
    const { size } = await stat(folder.at('j.db'));
    const file = await open(folder.at('j.db'), 'r+');
    await file.write(Buffer.alloc(size - 8192, 0xab), 0, size - 8192, 8192); // all pages but the first
    await file.close();
    await refused(
      opening(folder.path, folder.at('j.db')).then(async (library) => {
        try {
          await updateIndex(library);
        } finally {
          await library[Symbol.asyncDispose]();
        }
      }),
      /damaged/,
    );
  });

  it('that cannot be made or written says so', async () => {
    await using folder = await temporaryFolder({ file: '', 'locked/i.db': '' });
    await refused(opening(folder.path, folder.at('file/i.db')), /folder .* cannot be made/);
    await mkdir(folder.at('folder.db'));
    await refused(opening(folder.path, folder.at('folder.db')), /cannot be written/);
    await whileUnreadable(folder, 'locked', async () => {
      await refused(opening(folder.path, folder.at('locked/i.db')), /cannot be written/);
    });
    await refused(opening(folder.at('none')), /is no folder/);
    await refused(opening(folder.at('file')), /is no folder/);
  });

  it('holds embeddings of one size for a model', async () => {
    await using folder = await temporaryFolder();
    await (await opening(folder.path))[Symbol.asyncDispose]();
    const inference = fakeInference();
    inference.model.manifest.embeddingSize = 99;
    await refused(openLibrary({ root: folder.path, inference }), /another size/);
  });

  it('takes two writers and a reader at once in one process', async () => {
    const files = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`${i}.png`, `cat ${i}`]));
    await using folder = await temporaryFolder(files);
    await using one = await opening(folder.path);
    await using two = await opening(folder.path);
    const small = { batchSize: 2 };
    const updates = Promise.all([updateIndex(one, small), updateIndex(two, small), updateIndex(one, small)]);
    for (let i = 0; i < 5; i++) await search(two, 'cat');
    await updates;
    assert.deepEqual(countImages(one), { files: 60, contents: 60, failures: 0 });
    assert.equal((await search(one, 'cat', { limit: 100 })).length, 60);
  });

  it('takes two processes that begin and fill it at once, and one more that is killed', async () => {
    const files = Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`${i}.png`, `dog ${i}`]));
    await using folder = await temporaryFolder(files);
    const script = new URL('indexingProcess.ts', import.meta.url);
    const start = (): ChildProcess =>
      fork(script, [folder.path], { execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    const [killed, ...others] = [start(), start(), start()];
    killed.once('message', () => killed.kill('SIGKILL')); // it says when its first batch is under way
    const outputs = others.map((child) => {
      let output = '';
      child.stderr?.setEncoding('utf8').on('data', (text: string) => (output += text));
      return once(child, 'exit').then(([code]: unknown[]) => [code, output]);
    });
    assert.deepEqual(await Promise.all(outputs), [[0, ''], [0, '']]); // prettier-ignore
    await using library = await opening(folder.path);
    const summary = await updateIndex(library);
    assert.deepEqual([summary.unchanged, summary.embedded], [90, 0]);
    const raw = new DatabaseSync(folder.at('.assetlens/index.db'));
    assert.deepEqual({ ...raw.prepare('PRAGMA integrity_check').get() }, { integrity_check: 'ok' });
    raw.close();
  });

  it('waits for a process that is writing without blocking this one', async () => {
    await using folder = await temporaryFolder({ 'a.png': 'cat' });
    await using library = await opening(folder.path);
    const raw = new DatabaseSync(folder.at('.assetlens/index.db'));
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

  it('forgets the rows of files that are gone, and reads the matrix again only when rows changed', async () => {
    await using folder = await temporaryFolder({ 'a.png': 'cat', 'b.png': 'dog' });
    const inference = fakeInference();
    await using library = await openLibrary({ root: folder.path, inference });
    await updateIndex(library);
    await search(library, 'cat');
    await updateIndex(library);
    await search(library, 'dog');
    await folder.write({ 'copy of a.png': 'cat' }); // a path more, and the same rows
    await updateIndex(library);
    assert.equal((await search(library, 'cat')).length, 3);
    assert.equal(inference.matrices.length, 1);
    await writeFile(folder.at('b.png'), 'broken');
    await updateIndex(library);
    assert.equal((await search(library, 'cat')).length, 2);
    assert.equal(inference.matrices.length, 2);
  });

  it('hands over only the rows that were added, and all of them once an id may have been given again', async () => {
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
    await updateIndex(library, { keepDays: -1 }); // its content and embedding are forgotten at once
    await folder.write({ 'd.png': 'house' }); // SQLite gives it the same id
    await updateIndex(library);
    assert.equal((await search(library, 'house'))[0]?.path, 'd.png');
    assert.deepEqual([inference.matrices[2]?.from, inference.matrices[2]?.rows], [0, 3]);
    assert.notEqual(inference.matrices[2]?.key, first?.key);
  });
});
