import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { secondFolderName } from '../images.ts';
import { extension } from './extension.ts';
import { services } from './services.ts';

const OLD_LABEL = 'given in an earlier version';

/** Writes an index of the second folder with a manual tag to where earlier versions kept it. @returns its path */
async function writeOldIndex(): Promise<string> {
  const { context, folders, inference } = await services();
  const { imageAt, openLibrary, setManualTags, updateIndex } = await import('../../../src/library/index.ts');
  const { uri } = folders.all()[1] ?? assert.fail('there is no second folder');
  const key = createHash('sha256').update(uri.toString()).digest('hex').slice(0, 16);
  const indexFile = path.join(context.globalStorageUri.fsPath, `${key}.db`);
  await using library = await openLibrary({ root: uri.fsPath, indexFile, inference: await inference() });
  await updateIndex(library);
  const hash = imageAt(library, 'icons/a.svg')?.hash ?? assert.fail('icons/a.svg is missing');
  await setManualTags(library, [{ hash, label: OLD_LABEL, holds: true }]);
  return indexFile;
}

/** Runs in a workspace of two folders: the second has copies of images of the first. */
describe('A workspace of two folders', () => {
  let oldIndex: string;
  before(async () => {
    await extension().activate();
    oldIndex = await writeOldIndex();
    await vscode.commands.executeCommand('assetlens.tagWorkspace');
  });

  it('has both indexed, each with its own tags', async () => {
    const { folders } = await services();
    const [first, second] = folders.all();
    assert.ok(first && second);
    assert.equal(second.name, secondFolderName);
    assert.ok((await first.tags()).byPath.has('web/icons/a.svg'));
    assert.deepEqual(
      [...(await second.tags()).byPath.keys()].filter((file) => !file.startsWith('icons/')),
      [],
    );
    assert.ok((await second.tags()).byPath.has('icons/a.svg'));
  });

  it('takes over the index that an earlier version kept in the storage of the extension', async () => {
    const { folders } = await services();
    const tags = (await folders.all()[1]?.tags())?.byPath.get('icons/a.svg')?.tags;
    assert.deepEqual(
      tags?.filter(({ manual }) => manual).map(({ label }) => label),
      [OLD_LABEL],
    );
    await assert.rejects(stat(oldIndex), { code: 'ENOENT' });
  });

  it('locates a file in the folder that contains it', async () => {
    const { folders } = await services();
    const [, second] = folders.all();
    assert.ok(second);
    const found = folders.locate(vscode.Uri.joinPath(second.uri, 'icons', 'a.svg'));
    assert.deepEqual([found?.folder.name, found?.path], [secondFolderName, 'icons/a.svg']);
  });

  it('uses the labels of the folder settings', async () => {
    const { folders } = await services();
    const [first, second] = folders.all();
    assert.ok(first && second);
    const configuration = vscode.workspace.getConfiguration('assetlens', second.uri);
    await configuration.update('labels', ['camera'], vscode.ConfigurationTarget.WorkspaceFolder);
    try {
      const names = async (folder: typeof first): Promise<string[]> =>
        (await folder.labelSets()).flatMap(({ labels }) => labels.map(({ name }) => name));
      assert.deepEqual(await names(second), ['camera']);
      assert.ok((await names(first)).length > 10);
    } finally {
      await configuration.update('labels', undefined, vscode.ConfigurationTarget.WorkspaceFolder);
    }
  });

  it('continues without error after a folder is removed, even during its indexing', async () => {
    const { folders, indexer } = await services();
    const [first, second] = folders.all();
    assert.ok(first && second);
    indexer.refresh(second);
    const removed = vscode.workspace.updateWorkspaceFolders(1, 1);
    assert.ok(removed);
    while (!second.closed.aborted) await sleep(20); // a hang ends by mocha's limit
    assert.equal(folders.all().length, 1);
    while (indexer.state.kind === 'indexing') await sleep(20);
    await assert.rejects(second.withLibrary(() => Promise.resolve()));
    assert.ok((await first.tags()).images.length > 0);
    await vscode.commands.executeCommand('assetlens.tagWorkspace');
    await rm(path.join(second.uri.fsPath, 'icons'), { recursive: true }); // it is no longer watched
    await sleep(1000);
    assert.equal(indexer.state.kind, 'idle');
  });
});
