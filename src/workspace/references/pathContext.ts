import path from 'node:path';
import type * as vscode from 'vscode';
import type { PathContext } from '../../references/index.ts';
import type { ImageFolder } from '../folders/imageFolder.ts';
import type { ImageFolders } from '../folders/imageFolders.ts';

/** A document of the editor; a file that no editor has opened has no language identifier. */
export interface ReferringDocument {
  readonly uri: vscode.Uri;
  readonly languageId?: string | undefined;
}

/**
 * Returns the context for paths in a document: its folder, then its workspace folder, then the other workspace folders.
 */
export async function pathContextOf(
  folders: ImageFolders,
  { uri, languageId }: ReferringDocument,
): Promise<PathContext> {
  const { IMAGE_EXTENSIONS } = await import('../../clip/index.ts');
  const { languageOf } = await import('../../references/index.ts');
  return {
    language: languageOf(uri.fsPath, languageId),
    documentFolder: path.dirname(uri.fsPath),
    roots: foldersFrom(folders, uri).map((folder) => folder.uri.fsPath),
    extensions: new Set<string>(IMAGE_EXTENSIONS),
  };
}

/** Returns all workspace folders. The folder that contains the file comes first. */
export function foldersFrom(folders: ImageFolders, uri: vscode.Uri): ImageFolder[] {
  const nearest = folders.locate(uri)?.folder;
  return folders.all().toSorted((a, b) => Number(b === nearest) - Number(a === nearest));
}
