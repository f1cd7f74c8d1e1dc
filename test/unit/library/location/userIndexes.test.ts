import assert from 'node:assert/strict';
import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../../../src/base/userError.ts';
import { listUserIndexes, locateIndex, openLibrary, updateIndex } from '../../../../src/library/index.ts';
import { createIndexFolder } from '../../../../src/library/location/userIndexes.ts';
import { fakeInference } from '../fakeInference.ts';
import { temporaryFolder, whileUnprivileged } from '../temporaryFolder.ts';

describe("The indexes in the user's data folder", function () {
  this.timeout(20_000); // the tests use real files, and the machine may be busy

  it('are listed with the folders that they belong to, even if these no longer exist', async () => {
    await using data = await temporaryFolder();
    await using kept = await temporaryFolder({ 'icons/a.png': 'cat' });
    await using removed = await temporaryFolder({ 'b.png': 'dog' });
    const environment = { ASSETLENS_INDEXES: data.path };
    for (const root of [kept.at('icons'), removed.path]) {
      const { file } = await locateIndex(root, { environment });
      await createIndexFolder({ file, kind: 'userData', folder: root });
      await using library = await openLibrary({ root, indexFile: file, inference: fakeInference() });
      await updateIndex(library);
    }
    await rm(removed.path, { recursive: true });
    await mkdir(data.at('something else'));
    const indexes = await listUserIndexes(environment);
    assert.equal(indexes.length, 3);
    const byFolder = new Map(indexes.map((index) => [index.folder, index]));
    assert.deepEqual(
      [byFolder.get(kept.at('icons'))?.exists, byFolder.get(removed.path)?.exists, byFolder.get(null)?.exists],
      [true, false, false],
    );
    assert.ok((byFolder.get(removed.path)?.bytes ?? 0) > 10_000);
    assert.deepEqual(await listUserIndexes({ ASSETLENS_INDEXES: data.at('none') }), []);
  });

  it('are readable only by the user', async function () {
    if (process.platform === 'win32') this.skip(); // on Windows, home folders are private
    await using data = await temporaryFolder();
    const location = await locateIndex(data.path, { environment: { ASSETLENS_INDEXES: data.at('indexes') } });
    await createIndexFolder(location);
    assert.equal((await stat(path.dirname(location.file))).mode & 0o777, 0o700);
  });

  it('do not change existing files, and explain what to do if none can be created', async () => {
    await using data = await temporaryFolder({ 'in/.assetlens/.gitignore': 'mine' });
    const inFolder = { file: data.at('in/.assetlens/index.db'), kind: 'inFolder', folder: data.at('in') } as const;
    await createIndexFolder(inFolder);
    assert.equal(await readFile(data.at('in/.assetlens/.gitignore'), 'utf8'), 'mine');
    await whileUnprivileged(data, async () => {
      const location = await locateIndex(data.path, { environment: { ASSETLENS_INDEXES: data.at('in') } });
      await assert.rejects(createIndexFolder(location), (error) => {
        assert.ok(error instanceof UserError);
        assert.match(error.message, /cannot be created.*ASSETLENS_INDEXES.*--index/);
        return true;
      });
    });
  });
});
