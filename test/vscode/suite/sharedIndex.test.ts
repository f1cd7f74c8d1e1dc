import assert from 'node:assert/strict';
import { copyFile, rm } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Library } from '../../../src/library/index.ts';
import { tagWorkspace, workspaceFolder } from './extension.ts';
import { services, tagsWhere } from './services.ts';

const LABEL = 'given elsewhere';
const IMAGE = 'web/icons/a.svg';
/** Loaded later, because the test of the activation asserts that nothing has loaded SQLite. */
const loadLibrary = () => import('../../../src/library/index.ts');
const at = (file: string): string => path.join(workspaceFolder().uri.fsPath, file);

/** A library as the command line or another editor opens it: with its own connections to the same index file. */
describe('The index that other processes share', () => {
  let other: Library;

  before(async () => {
    await tagWorkspace();
    const inference = await (await services()).inference();
    const { openLibrary } = await loadLibrary();
    other = await openLibrary({ root: workspaceFolder().uri.fsPath, inference });
  });
  after(() => other[Symbol.asyncDispose]());

  it('is one file for all of them', async () => {
    const [folder] = (await services()).folders.all();
    assert.ok(folder);
    assert.equal(await folder.withLibrary((library) => Promise.resolve(library.indexFile)), other.indexFile);
    assert.ok(other.indexFile.startsWith(process.env['ASSETLENS_INDEXES'] ?? 'not set'), other.indexFile);
    assert.ok((await loadLibrary()).imageAt(other, IMAGE));
  });

  it('shows tags that another process sets and clears', async () => {
    const { imageAt, setManualTags } = await loadLibrary();
    const hash = imageAt(other, IMAGE)?.hash ?? assert.fail(`${IMAGE} is missing`);
    const hasTag = (tags: Awaited<ReturnType<typeof tagsWhere>>): boolean =>
      tags.byPath.get(IMAGE)?.tags.some(({ label, manual }) => label === LABEL && manual) ?? false;
    await setManualTags(other, [{ hash, label: LABEL, holds: true }]);
    await tagsWhere('the tag is shown', hasTag);
    await setManualTags(other, [{ hash, label: LABEL, holds: null }]);
    await tagsWhere('the tag is gone', (tags) => !hasTag(tags));
  });

  it('shows images that another process indexes', async () => {
    const { updateIndex } = await loadLibrary();
    const watch = (on: false | undefined): Thenable<void> =>
      vscode.workspace.getConfiguration('assetlens').update('keepUpToDate', on, vscode.ConfigurationTarget.Workspace);
    await watch(false); // or this window would index the image itself
    try {
      await copyFile(at(IMAGE), at('elsewhere.svg'));
      const { reused } = await updateIndex(other, { scan: { among: ['elsewhere.svg'] } });
      assert.equal(reused, 1, 'this window has indexed it');
      await tagsWhere('the image is shown', ({ byPath }) => byPath.has('elsewhere.svg'));
    } finally {
      await rm(at('elsewhere.svg'));
      await updateIndex(other, { scan: { among: ['elsewhere.svg'] } });
      await watch(undefined);
    }
    await tagsWhere('the image is gone', ({ byPath }) => !byPath.has('elsewhere.svg'));
  });
});
