import { pathWithin } from '../../base/paths.ts';
import { pathOfUri } from './pathOfUri.ts';

/**
 * Returns an image with its path in a folder, or undefined if it is outside. With nested folders, a file is in several
 * folders.
 */
export function fileIn<Folder extends { readonly uri: { readonly fsPath: string } }>(
  folder: Folder,
  uri: { readonly fsPath: string; readonly fragment?: string },
): { readonly folder: Folder; readonly path: string } | undefined {
  const path = pathWithin(folder.uri.fsPath, pathOfUri(uri));
  return path === undefined || path === '' ? undefined : { folder, path };
}
