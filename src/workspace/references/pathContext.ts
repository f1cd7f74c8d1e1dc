import path from 'node:path';
import type * as vscode from 'vscode';
import type { ImageFolders } from '../folders/imageFolders.ts';
import type { PathContext } from '../../references/imagePaths.ts';

/** Where the paths in a document may start: beside it, in its own workspace folder, then in the others. */
export async function pathContextOf(
  { folders }: { readonly folders: ImageFolders },
  { uri }: { readonly uri: vscode.Uri },
): Promise<PathContext> {
  const { IMAGE_EXTENSIONS } = await import('../../clip/index.ts');
  const own = folders.locate(uri)?.folder;
  const all = folders.all();
  const roots = [...all.filter((folder) => folder === own), ...all.filter((folder) => folder !== own)];
  return {
    documentFolder: path.dirname(uri.fsPath),
    roots: roots.map((folder) => folder.uri.fsPath),
    extensions: new Set<string>(IMAGE_EXTENSIONS),
  };
}
