import * as vscode from 'vscode';
import { UserError } from '../../base/userError.ts';
import type { ImageFile } from '../../workspace/folders/imageFolders.ts';

/** An image that the index knows. */
export interface IndexedFile {
  readonly file: ImageFile;
  /** Of its content: what tags are given to. */
  readonly hash: string;
}

/**
 * The contents of files, by the index; each file once.
 * @returns also how many files the index does not know
 * @throws UserError where it knows none of them
 */
export async function indexedImages(files: readonly ImageFile[]): Promise<{ indexed: IndexedFile[]; unknown: number }> {
  const indexed = new Map<string, IndexedFile>();
  let unknown = 0;
  for (const [folder, own] of Map.groupBy(files, (file) => file.folder)) {
    if (!(await folder.hasIndex())) {
      unknown += own.length;
      continue;
    }
    const { imageAt } = await import('../../library/index.ts');
    const images = await folder.withLibrary((library) =>
      Promise.resolve(own.map((file) => ({ file, image: imageAt(library, file.path) }))),
    );
    for (const { file, image } of images) {
      if (image) indexed.set(`${folder.uri.toString()}\n${file.path}`, { file, hash: image.hash });
      else unknown++;
    }
  }
  if (indexed.size === 0) throw new UserError(notIndexed(files));
  return { indexed: [...indexed.values()], unknown };
}

function notIndexed([first, ...others]: readonly ImageFile[]): string {
  return first && others.length === 0
    ? vscode.l10n.t('{0} is not indexed yet. Run "AssetLens: Tag Workspace Images" first.', first.path)
    : vscode.l10n.t('These images are not indexed yet. Run "AssetLens: Tag Workspace Images" first.');
}
