import * as vscode from 'vscode';
import { fileIn } from './fileIn.ts';
import type { ImageFile, ImageFolders } from './imageFolders.ts';

/** What a view hands to a command for one of its images. */
export interface ImageTarget {
  readonly imageUri: vscode.Uri;
  /** The workspace folder that it is shown of: folders may lie in each other, and both have the image. */
  readonly folder?: vscode.Uri;
}

/**
 * The files that a command is meant for, whichever way it was called: the items chosen in one of our views, the files chosen in
 * the Explorer, the tab that a menu was opened on, or else the active tab.
 * @param clicked a file or an item of a view
 * @param selected everything that is selected, where several may be
 */
export function targetsOf(clicked?: unknown, selected?: unknown): vscode.Uri[] {
  return imageTargets(clicked, selected).map(({ imageUri }) => imageUri);
}

/** The same as files of workspace folders, each of the folder that shows it; others are left out. */
export function imagesOf(folders: ImageFolders, clicked?: unknown, selected?: unknown): ImageFile[] {
  return imageTargets(clicked, selected)
    .map(({ imageUri, folder }) => {
      const shownIn = folder && folders.all().find(({ uri }) => uri.toString() === folder.toString());
      return shownIn ? fileIn(shownIn, imageUri) : folders.locate(imageUri);
    })
    .filter((file) => file !== undefined);
}

/** The address of an image of a folder. */
export function uriOfImage({ folder, path }: ImageFile): vscode.Uri {
  return vscode.Uri.joinPath(folder.uri, ...path.split('/'));
}

function imageTargets(clicked: unknown, selected: unknown): ImageTarget[] {
  const all = Array.isArray(selected) && selected.length > 0 ? selected : [clicked];
  const targets = all.map(targetOf).filter((target) => target !== undefined);
  if (targets.length > 0) return targets;
  const active = uriOfTab(vscode.window.tabGroups.activeTabGroup.activeTab);
  return clicked === undefined && active ? [{ imageUri: active }] : [];
}

function targetOf(target: unknown): ImageTarget | undefined {
  if (target instanceof vscode.Uri) return { imageUri: target };
  if (typeof target !== 'object' || target === null || !('imageUri' in target)) return undefined;
  const { imageUri } = target;
  if (!(imageUri instanceof vscode.Uri)) return undefined;
  return 'folder' in target && target.folder instanceof vscode.Uri ? { imageUri, folder: target.folder } : { imageUri };
}

/** Images open in a custom editor, texts (SVG) in a text editor. */
function uriOfTab(tab: vscode.Tab | undefined): vscode.Uri | undefined {
  const input = tab?.input;
  if (input instanceof vscode.TabInputCustom || input instanceof vscode.TabInputText) return input.uri;
  return undefined;
}
