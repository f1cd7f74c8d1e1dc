import * as vscode from 'vscode';
import { uriOfImage } from '../../workspace/folders/targets.ts';
import type { Hit } from '../../workspace/folders/searchFolders.ts';
import { insertedPath } from './insertedPath.ts';

export async function openToSide(hit: Hit): Promise<void> {
  await vscode.commands.executeCommand('vscode.open', uriOfImage(hit), { viewColumn: vscode.ViewColumn.Beside });
}

export async function copyRelativePath({ path }: Hit): Promise<void> {
  await vscode.env.clipboard.writeText(path);
  vscode.window.setStatusBarMessage(vscode.l10n.t('Copied {0}', path), 3000);
}

/** Writes the path of an image, relative to the document, over what is selected in it. */
export async function insertPath(hit: Hit, editor: vscode.TextEditor): Promise<void> {
  const { document, selections, viewColumn } = editor;
  const file = document.uri.scheme === 'file' ? document.uri.fsPath : undefined;
  const inserted = insertedPath(file, hit.folder.uri.fsPath, uriOfImage(hit).fsPath, document.languageId);
  // The editor may have been replaced by the preview of an image meanwhile.
  const shown = await vscode.window.showTextDocument(document, {
    ...(viewColumn !== undefined && { viewColumn }),
    preview: false,
  });
  await shown.edit((edit) => {
    for (const selection of selections) edit.replace(selection, inserted);
  });
  // Whoever types on writes behind the path, not over it.
  shown.selections = shown.selections.map(({ end }) => new vscode.Selection(end, end));
}
