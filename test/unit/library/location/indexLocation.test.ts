import assert from 'node:assert/strict';
import { mkdir, readdir, symlink } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { locateIndex } from '../../../../src/library/index.ts';
import { indexesFolder } from '../../../../src/library/location/indexLocation.ts';
import { temporaryFolder, type TemporaryFolder } from '../temporaryFolder.ts';

describe('The index of a folder', function () {
  this.timeout(20_000); // the tests use real files, and the machine may be busy
  let data: TemporaryFolder;
  let environment: NodeJS.ProcessEnv;

  beforeEach(async () => {
    data = await temporaryFolder();
    environment = { ASSETLENS_INDEXES: data.path };
  });
  afterEach(() => data[Symbol.asyncDispose]());

  it("is in the user's data folder, under a readable name", async () => {
    await using folder = await temporaryFolder({ 'my icons ü/a.png': '' });
    const { file, kind } = await locateIndex(folder.at('my icons ü'), { environment });
    assert.equal(kind, 'userData');
    assert.equal(path.dirname(path.dirname(file)), data.path);
    assert.match(path.basename(path.dirname(file)), /^my-icons-ü-[0-9a-f]{16}$/);
    assert.equal(path.basename(file), 'index.db');
    // Nothing is created.
    assert.deepEqual([await readdir(data.path), await readdir(folder.path)], [[], ['my icons ü']]);
  });

  it('is the same for a link and for another spelling of the path, but differs for another folder', async () => {
    await using folder = await temporaryFolder({ 'one/icons/a.png': '', 'two/icons/a.png': '' });
    await symlink(folder.at('one'), folder.at('link'));
    const fileOf = async (root: string): Promise<string> => (await locateIndex(root, { environment })).file;
    const file = await fileOf(folder.at('one/icons'));
    assert.equal(await fileOf(folder.at('link/icons')), file);
    assert.equal(await fileOf(`${folder.at('one')}/../one/icons/`), file);
    assert.notEqual(await fileOf(folder.at('two/icons')), file);
  });

  it('has a short name for a folder with a long one', async () => {
    const name = '\u{1f600}长'.repeat(60);
    const { file } = await locateIndex(path.join(data.path, name), { environment });
    assert.ok(Buffer.byteLength(path.basename(path.dirname(file))) < 255);
  });

  it('is in .assetlens/ of the folder if that folder exists', async () => {
    await using folder = await temporaryFolder({ 'file/.assetlens': 'a file' });
    await mkdir(folder.at('.assetlens'));
    const expected = {
      file: folder.at('.assetlens/index.db'),
      kind: 'inFolder',
      folder: folder.path,
      distrusted: undefined,
    };
    assert.deepEqual(await locateIndex(folder.path, { environment }), expected);
    assert.equal((await locateIndex(folder.at('file'), { environment })).kind, 'userData');
  });

  it('is the file that the caller selects, with the highest priority', async () => {
    await using folder = await temporaryFolder({ '.assetlens/index.db': '' });
    const named = await locateIndex(folder.path, { indexFile: 'elsewhere/my.db', environment });
    assert.deepEqual([named.file, named.kind], [path.resolve('elsewhere/my.db'), 'named']);
  });

  it('has a location even if the folder does not exist, which opening it reports', async () => {
    assert.equal((await locateIndex(path.join(data.path, 'nowhere'), { environment })).kind, 'userData');
  });

  it("is in the system's folder for application data unless a variable overrides it", () => {
    for (const unset of [{}, { ASSETLENS_INDEXES: ' ' }]) {
      const folder = indexesFolder(unset);
      assert.ok(folder.startsWith(os.homedir()) || process.env['XDG_DATA_HOME'] !== undefined, folder);
      assert.match(folder, /assetlens.*indexes$/);
    }
  });
});
