import type * as vscode from 'vscode';
import type { ImageFolders } from '../folders/imageFolders.ts';

/** Labels and size of an image that a document refers to. */
export interface DescribedImage {
  /** Labels for an alternative text, by descending confidence; see labelsForAlt. */
  readonly labels: readonly string[];
  /** In pixels. */
  readonly size: { readonly width: number; readonly height: number };
}

/** Returns the labels and the size of an image; undefined if it is not indexed. It does not create an index. */
export async function describedImage(folders: ImageFolders, uri: vscode.Uri): Promise<DescribedImage | undefined> {
  const file = folders.locate(uri);
  if (!file || !(await file.folder.hasIndex())) return undefined;
  const image = (await file.folder.tags()).byPath.get(file.path);
  if (!image) return undefined;
  const { tags, width, height } = image;
  const { labelsForAlt } = await import('../../references/index.ts');
  return { labels: labelsForAlt(tags), size: { width, height } };
}
