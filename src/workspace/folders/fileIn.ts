import path from 'node:path';
import { relativePath } from '../../base/relativePath.ts';

/** Returns a file with its path in a folder, or undefined if it lies outside. With nested folders, a file lies in several. */
export function fileIn<Folder extends { readonly uri: { readonly fsPath: string } }>(
  folder: Folder,
  file: { readonly fsPath: string },
): { readonly folder: Folder; readonly path: string } | undefined {
  const relative = relativePath(folder.uri.fsPath, file.fsPath);
  const isOutside = relative === '' || relative === '..' || relative.startsWith('../');
  return isOutside || path.isAbsolute(relative) ? undefined : { folder, path: relative }; // absolute: on another drive
}
