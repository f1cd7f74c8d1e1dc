import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { open, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { UserError } from '../../../../src/base/userError.ts';
import { openLibrary, updateIndex, type Library } from '../../../../src/library/index.ts';
import { openSqlite } from '../../../../src/library/store/openSqlite.ts';
import { salvageManualTags } from '../../../../src/library/store/salvage.ts';
import { fakeInference } from '../fakeInference.ts';
import { temporaryFolder, type TemporaryFolder } from '../temporaryFolder.ts';

/** An index that a user passes to --index, from a folder whose files a stranger wrote. */
describe('The index of a stranger', function () {
  this.timeout(20_000); // the tests use real files, and the machine may be busy
  let folder: TemporaryFolder;
  let indexFile: string;

  beforeEach(async () => {
    folder = await temporaryFolder({ 'repo/a.png': 'cat', 'outside/mine.txt': 'mine' });
    indexFile = folder.at('repo/i.db');
  });
  afterEach(() => folder[Symbol.asyncDispose]());

  const opening = (): Promise<Library> =>
    openLibrary({ root: folder.at('repo'), indexFile, inference: fakeInference() });

  async function create(): Promise<void> {
    await using library = await opening();
    await updateIndex(library);
  }

  async function refused(message: RegExp): Promise<void> {
    await assert.rejects(opening, (error) => {
      assert.ok(error instanceof UserError, `${String(error)} is no UserError`);
      assert.match(error.message, message);
      return true;
    });
  }

  async function assertOutsideUnchanged(): Promise<void> {
    assert.deepEqual(await readdir(folder.at('outside')), ['mine.txt']);
    assert.equal(await readFile(folder.at('outside/mine.txt'), 'utf8'), 'mine');
  }

  /** Overwrites the first page of a table. */
  async function damage(table: string): Promise<void> {
    const raw = new DatabaseSync(indexFile);
    const page = Number(raw.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').get(table)?.['rootpage']);
    raw.close();
    await using handle = await open(indexFile, 'r+');
    await handle.write(Buffer.alloc(4096, 0xab), 0, 4096, (page - 1) * 4096);
  }

  function change(sql: string): void {
    const raw = new DatabaseSync(indexFile);
    raw.exec(sql);
    raw.close();
  }

  describe('with links beside it', () => {
    it('does not write through the link of the file that marks damage', async () => {
      await create();
      await damage('files');
      await symlink('../outside/mine.txt', `${indexFile}-damaged`);
      await assert.rejects(create(), /damaged.*Reload the window/s);
      await assertOutsideUnchanged();
      await using library = await opening();
      assert.ok(library.recovered);
      await assertOutsideUnchanged();
    });

    it('creates no file through the links of locks', async () => {
      await create();
      for (const name of ['recovering', 'updating-1', 'damaged']) {
        await symlink(`../outside/${name}`, `${indexFile}-${name}`);
      }
      await create();
      await damage('library');
      await using library = await opening();
      assert.ok(library.recovered);
      await assertOutsideUnchanged();
    });

    it('does not wait for the lock of a process in the future', async () => {
      await writeFile(indexFile, 'no database'.repeat(99));
      await writeFile(`${indexFile}-recovering`, '');
      await utimes(`${indexFile}-recovering`, new Date('2200-01-01'), new Date('2200-01-01'));
      await create();
    });

    it('is refused if it is a link to a file that does not exist, and creates nothing', async () => {
      await symlink('../outside/new.db', indexFile);
      await refused(/is a link that cannot be used \(its target does not exist\).*--index/);
      await assertOutsideUnchanged();
    });

    for (const suffix of ['-wal', '-shm', '-journal']) {
      it(`is refused if i.db${suffix} is a link or a pipe`, async function () {
        await create();
        await symlink('../outside/new', indexFile + suffix);
        await refused(/is not a regular file.*--index/);
        await assertOutsideUnchanged();
        if (process.platform === 'win32') this.skip();
        await rm(indexFile + suffix);
        execFileSync('mkfifo', [indexFile + suffix]);
        await refused(/is not a regular file/);
      });
    }

    it('is refused if it is a pipe, and does not read a pipe beside it', async function () {
      if (process.platform === 'win32') this.skip();
      execFileSync('mkfifo', [indexFile]);
      await refused(/is not a regular file/);
      await rm(indexFile);
      execFileSync('mkfifo', [`${indexFile}-damaged`, `${indexFile}-updating-1`]);
      await create();
    });
  });

  describe('with a schema of its own', () => {
    const ENDLESS = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)';
    const changes = {
      'a trigger that never ends': `CREATE TRIGGER evil AFTER INSERT ON models BEGIN
        INSERT INTO text_vectors (model, key, vector) SELECT 1, i, x'00' FROM (${ENDLESS} SELECT i FROM n); END`,
      'a trigger on a change of the counters': `CREATE TRIGGER evil BEFORE UPDATE ON library BEGIN
        DELETE FROM manual_tags; END`,
      'a view in place of a table': `DROP TABLE manual_tags;
        CREATE VIEW manual_tags AS ${ENDLESS} SELECT '' AS hash, i AS label, 1 AS holds, 1 AS given_at FROM n`,
      'another table': 'CREATE TABLE evil (id)',
      'another index': "CREATE INDEX evil ON files (replace(path, 'a', 'b'))",
      'a missing trigger': 'DROP TRIGGER files_inserted',
      'a trigger with our name': `DROP TRIGGER files_inserted;
        CREATE TRIGGER files_inserted AFTER INSERT ON files BEGIN DELETE FROM manual_tags; END`,
      'another version': 'PRAGMA user_version = 3',
      'a negative version': 'PRAGMA user_version = -1',
      'version 0': 'PRAGMA user_version = 0',
    };
    for (const [name, sql] of Object.entries(changes)) {
      it(`is refused and not changed: ${name}`, async () => {
        await create();
        change(sql);
        const before = await readFile(indexFile);
        await refused(/(did not create|another program).*does not (use|change) it.*(--index|another name)/s);
        assert.ok(before.equals(await readFile(indexFile)));
        assert.deepEqual((await readdir(folder.at('repo'))).sort(), ['a.png', 'i.db']);
      });
    }

    it('provides no manual tags after damage: a view could run for ever', async () => {
      await create();
      change(changes['a view in place of a table']);
      await writeFile(`${indexFile}-damaged`, String((await stat(indexFile, { bigint: true })).ino));
      await using library = await opening();
      assert.deepEqual([library.recovered?.manualTags, library.recovered?.complete], [0, false]);
    });

    it('provides a limited number of manual tags if pages refer to each other in circles', async () => {
      await create();
      const insert = "INSERT INTO manual_tags (hash, label, holds) VALUES ('%', '%', 1)";
      const inserts = Array.from({ length: 2000 }, (_, i) =>
        insert.replace('%', `${i}`.padStart(64, '0')).replace('%', `${i}`),
      );
      change(['BEGIN', ...inserts, 'COMMIT'].join(';'));
      const raw = new DatabaseSync(indexFile);
      raw.exec('PRAGMA journal_mode = DELETE');
      const root = Number(
        raw.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'manual_tags'").get()?.['rootpage'],
      );
      raw.close();
      await using handle = await open(indexFile, 'r+');
      // Every cell of the root page refers to the page of the first cell.
      const page = Buffer.alloc(4096);
      await handle.read(page, 0, 4096, (root - 1) * 4096);
      assert.equal(page[0], 2, 'an inner page of a table without row ids');
      const cells = page.readUInt16BE(3);
      const child = page.readUInt32BE(page.readUInt16BE(12));
      for (let cell = 0; cell < cells; cell++) page.writeUInt32BE(child, page.readUInt16BE(12 + 2 * cell));
      await handle.write(page, 0, 4096, (root - 1) * 4096);
      const { rows } = salvageManualTags(indexFile);
      assert.ok(rows.length > 0 && rows.length < 2000, `${rows.length}`);
    });
  });

  for (const table of ['files', 'failures']) {
    for (const outside of ['../outside/mine.png', '/etc/a.png', 'a/../../b.png', '..']) {
      it(`is refused if ${table} has the path ${outside}`, async () => {
        await create();
        const values = {
          files: `SELECT '${outside}', id, 1, 1 FROM blobs`,
          failures: `SELECT id, '${outside}', 1, 1, '', NULL, NULL FROM models`,
        };
        change(`INSERT INTO ${table} ${values[table as keyof typeof values]}`);
        await refused(/contains the path .*outside of the folder.*does not use it/);
      });
    }
  }

  it('is opened with the settings of SQLite for files of strangers', async () => {
    await create();
    const connection = openSqlite(indexFile);
    const value = (name: string): unknown => Object.values(connection.prepare(`PRAGMA ${name}`).get() ?? {})[0];
    assert.deepEqual([value('trusted_schema'), value('cell_size_check'), value('mmap_size')], [0, 1, 0]);
    connection.exec('PRAGMA writable_schema = ON');
    assert.throws(() => {
      connection.exec("UPDATE sqlite_schema SET sql = '' WHERE name = 'files'");
    }, /may not be modified/);
    connection.close();
  });

  it('that is damaged again and again leaves its newest three copies', async () => {
    const recovered: (number | undefined)[] = [];
    for (let i = 0; i < 5; i++) {
      await writeFile(indexFile, `no database ${i}`.repeat(99));
      await using library = await opening();
      recovered.push(library.recovered?.deletedCopies);
    }
    assert.deepEqual(recovered, [0, 0, 0, 1, 1]);
    const copies = (await readdir(folder.at('repo'))).filter((name) => /^i\.damaged-.*\.db$/.test(name));
    const contents = await Promise.all(copies.map((name) => readFile(folder.at(`repo/${name}`), 'utf8')));
    assert.deepEqual(contents.map((text) => text.slice(0, 13)).sort(), [
      'no database 2',
      'no database 3',
      'no database 4',
    ]);
  });
});
