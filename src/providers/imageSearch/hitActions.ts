import * as vscode from 'vscode';
import { fileUri } from '../../workspace/folders/imageUri.ts';
import { pathOfUri } from '../../workspace/folders/pathOfUri.ts';
import { uriOfImage } from '../../workspace/folders/targets.ts';
import type { ImageFile } from '../../workspace/folders/imageFolder.ts';

export async function openToSide(image: ImageFile): Promise<void> {
  const uri = fileUri(uriOfImage(image));
  await vscode.commands.executeCommand('vscode.open', uri, { viewColumn: vscode.ViewColumn.Beside });
}

export async function copyRelativePath({ path }: ImageFile): Promise<void> {
  await vscode.env.clipboard.writeText(path);
  vscode.window.setStatusBarMessage(vscode.l10n.t('Copied {0}', path), 3000);
}

/** Replaces the selections of an editor by the path of an image, written as the text around each selection requires. */
export async function insertPath(image: ImageFile, editor: vscode.TextEditor): Promise<void> {
  const { languageOf, relativePath, syntaxAt, writePath } = await import('../../references/index.ts');
  const { document, selections, viewColumn } = editor;
  const language = languageOf(document.uri.fsPath, document.languageId);
  const relative = relativePath({
    image: pathOfUri(uriOfImage(image)),
    folder: image.folder.uri.fsPath,
    document: document.uri.scheme === 'file' ? document.uri.fsPath : undefined,
  });
  // The preview of an image may have replaced the editor.
  const shown = await vscode.window.showTextDocument(document, {
    ...(viewColumn !== undefined && { viewColumn }),
    preview: false,
  });
  await shown.edit((edit) => {
    for (const selection of selections) {
      const { line, character } = selection.start;
      const rest = document.lineAt(selection.end.line).text.slice(selection.end.character);
      const around = document.lineAt(line).text.slice(0, character) + rest;
      edit.replace(selection, writePath(relative, language, syntaxAt(around, character, language)));
    }
  });
  // Places the cursor after the path instead of selecting it.
  shown.selections = shown.selections.map(({ end }) => new vscode.Selection(end, end));
}
