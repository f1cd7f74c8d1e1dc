import * as vscode from 'vscode';
import type { ImageFile, ImageFolders } from './imageFolders.ts';

/** What a view hands to a command for one of its images. */
export interface ImageTarget {
  readonly imageUri: vscode.Uri;
}

/**
 * The files that a command is meant for, whichever way it was called: the items chosen in one of our views, the files chosen in
 * the Explorer, the tab that a menu was opened on, or else the active tab.
 * @param clicked a file or an item of a view
 * @param selected everything that is selected, where several may be
 */
export function targetsOf(clicked?: unknown, selected?: unknown): vscode.Uri[] {
  const all = Array.isArray(selected) && selected.length > 0 ? selected : [clicked];
  const uris = all.map(uriOf).filter((uri) => uri !== undefined);
  if (uris.length > 0) return uris;
  const active = uriOfTab(vscode.window.tabGroups.activeTabGroup.activeTab);
  return clicked === undefined && active ? [active] : [];
}

/** The same as files of workspace folders; others are left out. */
export function imagesOf(folders: ImageFolders, clicked?: unknown, selected?: unknown): ImageFile[] {
  return targetsOf(clicked, selected)
    .map((uri) => folders.locate(uri))
    .filter((file) => file !== undefined);
}

/** The address of an image of a folder. */
export function uriOfImage({ folder, path }: ImageFile): vscode.Uri {
  return vscode.Uri.joinPath(folder.uri, ...path.split('/'));
}

function uriOf(target: unknown): vscode.Uri | undefined {
  if (target instanceof vscode.Uri) return target;
  if (typeof target !== 'object' || target === null || !('imageUri' in target)) return undefined;
  return target.imageUri instanceof vscode.Uri ? target.imageUri : undefined;
}

/** Images open in a custom editor, texts (SVG) in a text editor. */
function uriOfTab(tab: vscode.Tab | undefined): vscode.Uri | undefined {
  const input = tab?.input;
  if (input instanceof vscode.TabInputCustom || input instanceof vscode.TabInputText) return input.uri;
  return undefined;
}
