import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type * as vscode from 'vscode';
import { imageAt, openLibrary, updateIndex, type Library } from '../../../src/library/index.ts';
import type { WorkspaceImageFolder } from '../../../src/workspace/folders/imageFolder.ts';
import type { Models } from '../../../src/workspace/models/models.ts';
import { fakeInference } from '../library/fakeInference.ts';
import { temporaryFolder, type TemporaryFolder } from '../library/temporaryFolder.ts';
import { editor, useFakeVscode } from './fakeVscode.ts';

/** Imports modules with the fake editor. */
async function modules() {
  using hooks = useFakeVscode();
  assert.ok(hooks);
  return {
    ...(await import('../../../src/workspace/settings.ts')),
    ...(await import('../../../src/workspace/folders/imageFolder.ts')),
    ...(await import('../../../src/workspace/indexing/folderUpdater.ts')),
  };
}

describe('The extension in Restricted Mode', function () {
  this.timeout(20_000); // the tests use real files, and the machine may be busy
  let workspace: TemporaryFolder;
  let storage: TemporaryFolder;
  const log: string[] = [];
  const channel = {
    info: (text: string) => log.push(text),
    warn: (text: string) => log.push(text),
  } as unknown as vscode.LogOutputChannel;

  beforeEach(async () => {
    workspace = await temporaryFolder({ 'a.png': 'cat', '.assetlens/.gitignore': '*' });
    storage = await temporaryFolder();
    Object.assign(editor, { isTrusted: false, settings: {}, shown: [] });
    log.length = 0;
  });
  afterEach(async () => {
    await workspace[Symbol.asyncDispose]();
    await storage[Symbol.asyncDispose]();
  });

  /** Opens the workspace in a new window. */
  async function open(): Promise<WorkspaceImageFolder> {
    const { WorkspaceImageFolder } = await modules();
    const inference = fakeInference();
    const model = { ...inference.model, name: 'fake' };
    const models: Pick<Models, 'wanted' | 'usable' | 'lease'> = {
      wanted: () => Promise.resolve(model),
      usable: () => Promise.resolve([model]),
      lease: () => Promise.resolve({ inference, end: () => Promise.resolve() }),
    };
    return new WorkspaceImageFolder({
      context: {
        globalStorageUri: { fsPath: storage.path },
        globalState: { get: () => undefined, update: () => Promise.resolve() },
        workspaceState: { get: () => undefined, update: () => Promise.resolve() },
      } as unknown as vscode.ExtensionContext,
      log: channel,
      models: models as Models,
      workspaceFolder: {
        name: 'icons',
        uri: { fsPath: workspace.path, toString: () => workspace.path } as unknown as vscode.Uri,
        index: 0,
      },
      onDidOpen: () => undefined,
    });
  }

  const indexOf = async (folder: WorkspaceImageFolder): Promise<string> =>
    path.relative(workspace.path, await folder.withIndex((library: Library) => Promise.resolve(library.indexFile)));

  it('reads no index in the workspace, until the workspace is trusted', async () => {
    {
      await using library = await openLibrary({ root: workspace.path, inference: fakeInference() });
      await updateIndex(library);
      assert.ok((await readdir(workspace.at('.assetlens'))).includes('index.db'));
    }
    const folder = await open();
    assert.equal(await folder.hasIndex(), false);
    assert.match(await indexOf(folder), /^\.\./);
    assert.equal(await folder.withIndex((library) => Promise.resolve(imageAt(library, 'a.png'))), undefined);
    assert.equal(log.filter((line) => line.includes('not trusted')).length, 1);
    assert.deepEqual(editor.shown, []);
    await folder.checkForChanges();
    editor.isTrusted = true;
    await folder.checkForChanges(); // as every two seconds
    assert.equal(await folder.hasIndex(), true);
    assert.equal(await indexOf(folder), path.join('.assetlens', 'index.db'));
    assert.ok(await folder.withIndex((library) => Promise.resolve(imageAt(library, 'a.png'))));
    folder.dispose();
  });

  it('reads no globs of the workspace: files.exclude, search.exclude and .gitignore', async () => {
    const { hiddenGlobs, readSettings } = await modules();
    for (const section of ['files', 'search'] as const) {
      editor.settings[`${section}.exclude`] = {
        defaultValue: { '**/.DS_Store': true, '**/.svn': true },
        globalValue: { '**/.svn': false, mine: true },
        workspaceValue: { 'of the workspace': true, mine: false },
      };
      assert.deepEqual(hiddenGlobs(section), ['**/.DS_Store', 'mine']);
    }
    assert.deepEqual([readSettings().exclude, readSettings().gitignore], [['**/.DS_Store', 'mine'], false]);
    editor.isTrusted = true;
    assert.deepEqual(readSettings().exclude, ['**/.DS_Store', 'of the workspace']);
    assert.equal(readSettings().gitignore, true);
  });

  it('indexes with the settings of the user', async () => {
    const { FolderUpdater } = await modules();
    await workspace.write({ '.gitignore': 'a.png', 'b.png': 'dog', 'c.png': 'sun' });
    editor.settings['files.exclude'] = { globalValue: { 'b.png': true }, workspaceValue: { 'c.png': true } };
    const folder = await open();
    const updater = new FolderUpdater(channel, { changed: () => undefined } as never);
    const update = {
      paths: null,
      retryFailed: false,
      signal: new AbortController().signal,
      onProgress: () => undefined,
    };
    assert.equal((await updater.update(folder, update)).found, 2); // a.png and c.png
    editor.isTrusted = true;
    await folder.checkForChanges();
    assert.equal((await updater.update(folder, update)).found, 0);
    folder.dispose();
  });

  it('reports an index that is not used once, also if the workspace is trusted', async () => {
    editor.isTrusted = true;
    await workspace.write({ '.git/index': 'unreadable' });
    const folder = await open();
    assert.match(await indexOf(folder), /^\.\./);
    await folder.withIndex(() => Promise.resolve());
    assert.deepEqual(editor.shown.length, 1);
    assert.match(
      editor.shown[0] ?? '',
      /index in .*\.assetlens is not used: AssetLens cannot read which files Git tracks/,
    );
    folder.dispose();
  });
});
