import * as vscode from 'vscode';
import { splitImagePath } from '../../base/imagePath.ts';
import { fileIn } from './fileIn.ts';
import type { ImageFile } from './imageFolder.ts';
import type { ImageFolders } from './imageFolders.ts';

/** The argument that a view passes to a command for one of its images. */
export interface ImageTarget {
  readonly imageUri: vscode.Uri;
  /** The workspace folder in which the view shows it. Nested folders both contain the image. */
  readonly folder?: vscode.Uri;
}

/**
 * Returns the files that a command applies to: the items selected in a view of AssetLens, the files selected in the
 * Explorer, the tab whose menu was opened, or else the active tab.
 * @param clicked a file or an item of a view
 * @param selected all selected files or items, if several can be selected
 */
export function targetsOf(clicked?: unknown, selected?: unknown): vscode.Uri[] {
  return imageTargets(clicked, selected).map(({ imageUri }) => imageUri);
}

/** Returns the same files with the workspace folders that show them. Files outside the workspace are left out. */
export function imagesOf(folders: ImageFolders, clicked?: unknown, selected?: unknown): ImageFile[] {
  return imageTargets(clicked, selected)
    .map(({ imageUri, folder }) => {
      const shownIn = folder && folders.all().find(({ uri }) => uri.toString() === folder.toString());
      return shownIn ? fileIn(shownIn, imageUri) : folders.locate(imageUri);
    })
    .filter((file) => file !== undefined);
}

/** Returns the URI of an image of a folder, with the fragment of an image in a sheet. */
export function uriOfImage({ folder, path }: ImageFile): vscode.Uri {
  const { file, fragment } = splitImagePath(path);
  return vscode.Uri.joinPath(folder.uri, ...file.split('/')).with({ fragment });
}

/**
 * Returns the items that a command was called with: the selected ones, or else the clicked one. The gallery passes one
 * object for all its selected images, with URIs as text.
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

/** Images open in a custom editor, SVG files in a text editor. */
function uriOfTab(tab: vscode.Tab | undefined): vscode.Uri | undefined {
  const input = tab?.input;
  if (input instanceof vscode.TabInputCustom || input instanceof vscode.TabInputText) return input.uri;
  return undefined;
}
