import assert from 'node:assert/strict';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { findReferences, type ImageReference } from '../../../src/workspace/references/findReferences.ts';
import { services, workspaceFolder } from './extension.ts';

const SCRATCH = 'references';
/** The suite of alt texts edits such files; the editor may save them again after they were deleted. */
const ALT_TEXT_FILE = /^\d+-alt\./;
const image = (): vscode.Uri => vscode.Uri.joinPath(workspaceFolder().uri, 'web/icons/a.svg');
const scratch = (name: string): string => path.join(workspaceFolder().uri.fsPath, SCRATCH, name);

async function references(of: vscode.Uri, options: { limit?: number; signal?: AbortSignal } = {}) {
  const found: ImageReference[] = [];
  for await (const reference of findReferences((await services()).folders, of, options)) found.push(reference);
  return found.sort((a, b) => a.uri.path.localeCompare(b.uri.path) || a.range.start.compareTo(b.range.start));
}

/** File, line and column of each reference, from 1 as in the editor. */
function places(found: readonly ImageReference[]): string[] {
  return found.map(({ uri, range: { start } }) => {
    return `${vscode.workspace.asRelativePath(uri)}:${start.line + 1}:${start.character + 1}`;
  });
}

describe('References to an image', () => {
  before(async () => {
    await mkdir(scratch('web/icons'), { recursive: true });
    await copyFile(image().fsPath, scratch('web/icons/a.svg')); // another file of this name
    await writeFile(scratch('page.md'), '![](web/icons/a.svg) ![](../web/icons/a.svg)\n![](/web/icons/a.svg)\n');
    await writeFile(scratch('hidden.md'), '![](../web/icons/a.svg)');
  });
  after(async () => {
    await vscode.workspace
      .getConfiguration('search')
      .update('exclude', undefined, vscode.ConfigurationTarget.Workspace);
    await rm(scratch('.'), { recursive: true, force: true });
  });

  it('are the paths in text files that resolve to this file', async () => {
    const all = await references(image());
    const found = all.filter(({ uri }) => !ALT_TEXT_FILE.test(path.basename(uri.path)));
    assert.deepEqual(places(found), [
      'README.md:3:13',
      `${SCRATCH}/hidden.md:1:5`,
      `${SCRATCH}/page.md:1:26`,
      `${SCRATCH}/page.md:2:5`,
    ]);
    assert.equal(found[0]?.text, '![a camera](web/icons/a.svg)');
    assert.equal(found[0].text.slice(found[0].at, found[0].at + 'web/icons/a.svg'.length), 'web/icons/a.svg');
    const document = await vscode.workspace.openTextDocument(found[0].uri);
    assert.equal(document.getText(found[0].range), 'web/icons/a.svg');

    const other = vscode.Uri.file(scratch('web/icons/a.svg'));
    assert.deepEqual(places(await references(other)), [`${SCRATCH}/page.md:1:5`]);
    const umlaut = vscode.Uri.joinPath(workspaceFolder().uri, 'docs/Übersicht 図/1 (copy).svg');
    assert.deepEqual(places(await references(umlaut)), ['README.md:4:12']);
    const imported = vscode.Uri.joinPath(workspaceFolder().uri, 'app/res/04.png');
    assert.deepEqual(places(await references(imported)), ['app/main.ts:1:19']);
  });

  it('include those in documents with unsaved changes', async () => {
    const document = await vscode.workspace.openTextDocument(scratch('page.md'));
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, new vscode.Position(0, 0), '\n\n');
    await vscode.workspace.applyEdit(edit);
    assert.ok(document.isDirty);
    const found = places(await references(image())).filter((place) => place.includes('page.md'));
    assert.deepEqual(found, [`${SCRATCH}/page.md:3:26`, `${SCRATCH}/page.md:4:5`]);
    await document.save();
  });

  it('do not include files that search.exclude excludes', async () => {
    const search = vscode.workspace.getConfiguration('search');
    await search.update('exclude', { '**/hidden.md': true }, vscode.ConfigurationTarget.Workspace);
    assert.ok(!places(await references(image())).some((place) => place.includes('hidden.md')));
  });

  it('end at the limit and on cancellation', async () => {
    assert.equal((await references(image(), { limit: 2 })).length, 2);
    await assert.rejects(references(image(), { signal: AbortSignal.abort() }), { name: 'AbortError' });
  });
});
