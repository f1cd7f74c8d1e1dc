import assert from 'node:assert/strict';
import { isRepositoryId } from '../../../../src/clip/models/hub/repository.ts';
import { modelFolderOf, modelNameOf } from '../../../../src/clip/models/installed.ts';
import { registeredModels } from '../../../../src/clip/models/registry.ts';

const bundled = { name: 'assetlens-icons', folder: '' };

describe('the recommended models', () => {
  it('can each be found and installed by their names', () => {
    assert.equal(new Set(registeredModels.map(({ id }) => id)).size, registeredModels.length);
    for (const { id, repository } of registeredModels) {
      assert.ok(modelFolderOf('models', id, bundled).endsWith(id));
      assert.ok(isRepositoryId(repository), repository);
    }
  });

  it('are pinned to a commit, and large files to their known hashes', () => {
    for (const { id, revision, pinned = {} } of registeredModels) {
      assert.match(revision, /^[0-9a-f]{40}$/, id);
      for (const [name, sha256] of Object.entries(pinned)) assert.match(sha256, /^[0-9a-f]{64}$/, name);
    }
  });

  it('have licences that allow the download', () => {
    for (const { id, licence } of registeredModels) assert.ok(['MIT', 'Apache-2.0'].includes(licence), id);
  });
});

describe('the name of a model', () => {
  it('is derived from the name of its repository or folder', () => {
    const cases: readonly (readonly [string, string])[] = [
      ['owner/ViT-B-32__openai', 'ViT-B-32__openai'],
      ['C:\\models\\my clip', 'my-clip'],
      ['/home/me/модель', 'model'],
      ['..', 'model'],
      ['.hidden', 'hidden'],
    ];
    for (const [text, name] of cases) assert.equal(modelNameOf(text), name);
  });

  it('cannot refer to a folder outside of the models folder', () => {
    for (const name of ['../x', 'a/b', '', '.', '..', 'default.json', 'a b', bundled.name]) {
      assert.throws(() => modelFolderOf('models', name, bundled), { name: 'UserError' });
    }
  });
});
