import assert from 'node:assert/strict';
import * as vscode from 'vscode';

/** The extension under test, by the identity that its manifest gives. */
export function extension(): vscode.Extension<unknown> {
  const found = vscode.extensions.getExtension('assetlens.assetlens');
  assert.ok(found, 'AssetLens is not among the extensions');
  return found;
}

/** The only workspace folder. */
export function workspaceFolder(): vscode.WorkspaceFolder {
  const [folder, ...others] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(folder && others.length === 0, 'the suite runs in one folder');
  return folder;
}

let tagged: Promise<void> | undefined;

/** Tags the workspace as the user does, once in each test file. */
export function tagWorkspace(): Promise<void> {
  tagged ??= Promise.resolve(extension().activate()).then(async () => {
    await vscode.commands.executeCommand('assetlens.tagWorkspace');
  });
  return tagged;
}
