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

/**
 * What a command was called with, item by item: what is selected, or else what was clicked. The gallery hands over one object for
 * all images that are selected in it, with addresses as text.
 */
export function itemsOf(clicked: unknown, selected?: unknown): readonly unknown[] {
  if (isGalleryContext(clicked)) return clicked.galleryImages.map(parsedTarget);
  return Array.isArray(selected) && selected.length > 0 ? (selected as readonly unknown[]) : [clicked];
}

function isGalleryContext(item: unknown): item is { readonly galleryImages: readonly unknown[] } {
  return typeof item === 'object' && item !== null && 'galleryImages' in item && Array.isArray(item.galleryImages);
}

function parsedTarget(item: unknown): unknown {
  if (typeof item !== 'object' || item === null || !('imageUri' in item)) return item;
  const parsed = (value: unknown): unknown => (typeof value === 'string' ? vscode.Uri.parse(value, true) : value);
  return { ...item, imageUri: parsed(item.imageUri), folder: 'folder' in item ? parsed(item.folder) : undefined };
}

function imageTargets(clicked: unknown, selected: unknown): ImageTarget[] {
  const targets = itemsOf(clicked, selected)
    .map(targetOf)
    .filter((target) => target !== undefined);
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
