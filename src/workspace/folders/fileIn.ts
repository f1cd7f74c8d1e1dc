import { pathWithin } from '../../base/paths.ts';

/**
 * Returns a file with its path in a folder, or undefined if it is outside. With nested folders, a file is in several
 * folders.
 */
export function fileIn<Folder extends { readonly uri: { readonly fsPath: string } }>(
  folder: Folder,
  file: { readonly fsPath: string },
): { readonly folder: Folder; readonly path: string } | undefined {
  const path = pathWithin(folder.uri.fsPath, file.fsPath);
  return path === undefined || path === '' ? undefined : { folder, path };
}
