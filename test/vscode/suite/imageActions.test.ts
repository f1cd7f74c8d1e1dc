import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { tagWorkspace, workspaceFolder } from './extension.ts';

const SCRATCH = 'web/pages';
const IMAGE = 'web/icons/a.svg';
const ODD = 'docs/Übersicht 図/2 #x%20.png';

const uriOf = (file: string): vscode.Uri => vscode.Uri.joinPath(workspaceFolder().uri, ...file.split('/'));

async function open(file: string): Promise<void> {
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uriOf(file)), { preview: false });
}

/** The clipboard after a command for an image, called as the Tags view does. */
async function copied(form: 'Markdown' | 'Html' | 'Css', file: string): Promise<string> {
  await vscode.commands.executeCommand(`assetlens.copy${form}`, { imageUri: uriOf(file) });
  return vscode.env.clipboard.readText();
}

describe('A copied reference', () => {
  before(async () => {
    await tagWorkspace();
    await mkdir(uriOf(SCRATCH).fsPath, { recursive: true });
    for (const name of ['page.md', 'style.css']) await writeFile(path.join(uriOf(SCRATCH).fsPath, name), '');
  });
  beforeEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await rm(uriOf(SCRATCH).fsPath, { recursive: true, force: true });
  });

  it('has a path relative to the active document', async () => {
    await open(`${SCRATCH}/page.md`);
    assert.match(await copied('Markdown', IMAGE), /^!\[camera[^\]]*\]\(\.\.\/icons\/a\.svg\)$/);
    assert.match(
      await copied('Html', IMAGE),
      /^<img src="\.\.\/icons\/a\.svg" alt="camera[^"]*" width="\d+" height="\d+">$/,
    );
    assert.equal(await copied('Css', ODD), 'url("../../docs/Übersicht%20図/2%20%23x%2520.png")');
    await open('README.md');
    assert.equal(await copied('Css', IMAGE), `url("${IMAGE}")`);
  });

  it('stays relative to that document while a view, the gallery or an image has the focus', async () => {
    await open(`${SCRATCH}/style.css`);
    const expected = 'url("../icons/a.svg")';
    await vscode.commands.executeCommand('assetlens.tags.focus');
    assert.equal(await copied('Css', IMAGE), expected);
    await vscode.commands.executeCommand('assetlens.openGallery');
    assert.equal(await copied('Css', IMAGE), expected);
    await open(IMAGE); // as text
    assert.equal(await copied('Css', IMAGE), expected);
  });

  it('has a path relative to the workspace folder if no document of the folder is open', async () => {
    assert.equal(await copied('Css', IMAGE), `url("${IMAGE}")`);
    await open(`${SCRATCH}/style.css`);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    assert.equal(await copied('Css', IMAGE), `url("${IMAGE}")`);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content: '' }));
    assert.equal(await copied('Css', IMAGE), `url("${IMAGE}")`);
  });
});
