import { pathWithin } from '../../base/paths.ts';

/** A file as a folder names it; undefined where it is outside the folder. Folders may be nested: a file can be in several. */
export function fileIn<Folder extends { readonly uri: { readonly fsPath: string } }>(
  folder: Folder,
  file: { readonly fsPath: string },
): { readonly folder: Folder; readonly path: string } | undefined {
  const path = pathWithin(folder.uri.fsPath, file.fsPath);
  return path === undefined || path === '' ? undefined : { folder, path };
}
