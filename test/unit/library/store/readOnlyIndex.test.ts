import assert from 'node:assert/strict';
import { chmod, readdir, readFile, rm } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { UserError } from '../../../../src/base/userError.ts';
import {
  findSimilar,
  imageAt,
  openLibrary,
  readManualTags,
  search,
  tagLibrary,
  updateIndex,
  type LabelSet,
  type Library,
} from '../../../../src/library/index.ts';
import { fakeInference } from '../fakeInference.ts';
import { setManualTag } from '../labels/setManualTag.ts';
import { collected, temporaryFolder, whileUnprivileged, type TemporaryFolder } from '../temporaryFolder.ts';

const sets: LabelSet[] = [{ name: '', labels: [{ name: 'cat' }], templates: ['{}'] }];

/** A folder with an index in .assetlens/. */
async function indexedFolder(): Promise<TemporaryFolder> {
  const folder = await temporaryFolder({ 'a.png': 'cat', 'b.png': 'dog', '.assetlens/.gitignore': '*' });
  await using library = await openLibrary({ root: folder.path, inference: fakeInference() });
  await updateIndex(library);
  await setManualTag(library, [imageAt(library, 'b.png')?.hash ?? ''], 'mine', true);
  return folder;
}

/** Runs `work` while the index can be read but not written. */
async function whileReadOnly(
  folder: TemporaryFolder,
  work: () => Promise<void>,
  modes = { folder: 0o555, file: 0o444 },
): Promise<void> {
  await chmod(folder.at('.assetlens/index.db'), modes.file);
  await chmod(folder.at('.assetlens'), modes.folder);
  await whileUnprivileged(folder, work);
}

async function refused(promise: Promise<unknown>, message: RegExp): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof UserError, `${String(error)} is not a UserError`);
    assert.match(error.message, message);
    return true;
  });
}

async function assertSearchable(library: Library): Promise<void> {
  assert.match(library.readOnly ?? '', /readonly|open/);
  assert.equal((await search(library, 'cat'))[0]?.path, 'a.png');
  assert.equal((await findSimilar(library, 'a.png'))[0]?.path, 'b.png');
  const tagged = await collected(tagLibrary(library, sets, { threshold: 0 }));
  assert.deepEqual(
    tagged.map(({ path, tags }) => [path, tags[0]?.label]),
    [
      ['a.png', 'cat'],
      ['b.png', 'mine'],
    ],
  );
}

describe('An index that cannot be written', function () {
  this.timeout(20_000); // the tests use real files, and the machine may be busy

  it('can be searched and tagged from, without a change to its folder', async () => {
    await using folder = await indexedFolder();
    await whileReadOnly(folder, async () => {
      await using library = await openLibrary({ root: folder.path, inference: fakeInference() });
      await assertSearchable(library);
    });
    assert.deepEqual((await readdir(folder.at('.assetlens'))).sort(), ['.gitignore', 'index.db']);
  });

  it('can be searched if only the file cannot be written', async () => {
    await using folder = await indexedFolder();
    const modes = { folder: 0o777, file: 0o444 };
    const work = async (): Promise<void> => {
      await using library = await openLibrary({ root: folder.path, inference: fakeInference() });
      await assertSearchable(library);
    };
    await whileReadOnly(folder, work, modes);
  });

  it('rejects updates and manual tags, and explains what to do', async () => {
    await using folder = await indexedFolder();
    await whileReadOnly(folder, async () => {
      await using library = await openLibrary({ root: folder.path, inference: fakeInference() });
      const hash = imageAt(library, 'a.png')?.hash ?? '';
      await refused(updateIndex(library), /cannot be written .*nothing was changed.*--index/);
      await refused(setManualTag(library, [hash], 'mine', true), /cannot be written .*nothing was changed.*--index/);
      assert.equal(readManualTags(library).size, 1);
    });
  });

  it('lists the models that it can be used with', async () => {
    await using folder = await indexedFolder();
    await whileReadOnly(folder, async () => {
      const opening = openLibrary({ root: folder.path, inference: fakeInference('other') });
      await refused(opening, /cannot be written .*no embeddings of the model "other".*\(fake\)/);
    });
  });

  it('reports an older format', async () => {
    await using folder = await indexedFolder();
    await rm(folder.at('.assetlens/index.db'));
    const raw = new DatabaseSync(folder.at('.assetlens/index.db'));
    raw.exec(await readFile(new URL('fixtures/index-version-1.sql', import.meta.url), 'utf8'));
    raw.close();
    await whileReadOnly(folder, async () => {
      await refused(openLibrary({ root: folder.path, inference: fakeInference() }), /format 1 of an older AssetLens/);
    });
  });

  it('is opened again when its owner replaces it', async () => {
    await using folder = await indexedFolder();
    let library: Library | undefined;
    await whileReadOnly(folder, async () => {
      library = await openLibrary({ root: folder.path, inference: fakeInference() });
      assert.equal(await library.isReplaced(), false);
    });
    assert.ok(library);
    await using opened = library;
    await chmod(folder.at('.assetlens'), 0o755);
    await rm(folder.at('.assetlens/index.db'));
    assert.equal(await opened.isReplaced(), true);
  });
});
