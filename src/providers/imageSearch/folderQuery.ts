import * as vscode from 'vscode';
import { UserError } from '../../base/userError.ts';

/**
 * Returns the beginning of a query for the images below a folder of the Explorer. The user types the words.
 * @throws UserError if the item is not a folder of the workspace
 */
export function folderQuery(clicked: unknown): string {
  const uri = clicked instanceof vscode.Uri ? clicked : undefined;
  if (!uri || !vscode.workspace.getWorkspaceFolder(uri)) {
    throw new UserError(vscode.l10n.t('Select a folder of this workspace in the Explorer first.'));
  }
  const path = vscode.workspace.asRelativePath(uri, false);
  // The workspace folder itself needs no filter.
  return path === uri.fsPath || path === '' ? '' : `path:${quoted(`${path}/`)} `;
}

/** Quotes a path with spaces or quotes for the query language. */
function quoted(path: string): string {
  if (!/[\s"]/.test(path)) return path;
  return `"${path.replace(/["\\]/g, (character) => `\\${character}`)}"`;
}
