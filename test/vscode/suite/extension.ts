import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Services } from '../../../src/workspace/services.ts';

/** The extension under test. */
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

/** The objects that the features share. activate() returns them only to tests. */
export async function services(): Promise<Services> {
  const exports = (await extension().activate()) as { readonly services: Services } | undefined;
  assert.ok(exports, 'activate() returned nothing, so the editor is not in test mode');
  return exports.services;
}

let tagged: Promise<void> | undefined;

/** Tags the workspace as the user does, once in each test file. */
export function tagWorkspace(): Promise<void> {
  tagged ??= Promise.resolve(extension().activate()).then(async () => {
    await vscode.commands.executeCommand('assetlens.tagWorkspace');
  });
  return tagged;
}
