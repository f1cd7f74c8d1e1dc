import path from 'node:path';

/** A file as a folder names it; undefined where it lies outside. Folders may lie in each other: a file can be in several. */
export function fileIn<Folder extends { readonly uri: { readonly fsPath: string } }>(
  folder: Folder,
  file: { readonly fsPath: string },
): { readonly folder: Folder; readonly path: string } | undefined {
  const relative = path.relative(folder.uri.fsPath, file.fsPath);
  const isOutside = relative === '' || relative === '..' || relative.startsWith(`..${path.sep}`);
  if (isOutside || path.isAbsolute(relative)) return undefined; // absolute: on another drive
  return { folder, path: relative.split(path.sep).join('/') };
}
