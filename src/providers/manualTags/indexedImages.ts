import * as vscode from 'vscode';
import { UserError } from '../../base/userError.ts';
import type { ImageRef } from '../../taggedImages/index.ts';
import type { ImageFile, ImageFolder } from '../../workspace/folders/imageFolder.ts';

/** An image file that is in the index. */
export interface IndexedFile extends ImageFile, ImageRef<ImageFolder> {}

/** Identifies a file of a folder. */
export function keyOf({ folder, path }: ImageFile): string {
  return `${folder.uri.toString()}\n${path}`;
}

/**
 * Looks up files in the index; each file once.
 * @returns also the number of files that are not in the index
 * @throws UserError if none of the files is in the index
 */
export async function indexedImages(files: readonly ImageFile[]): Promise<{ indexed: IndexedFile[]; unknown: number }> {
  const indexed = new Map<string, IndexedFile>();
  let unknown = 0;
  let sheets = 0;
  for (const [folder, members] of Map.groupBy(files, (file) => file.folder)) {
    if (!(await folder.hasIndex())) {
      unknown += members.length;
      continue;
    }
    const { imageAt, isSheet } = await import('../../library/index.ts');
    const images = await folder.withLibrary((library) =>
      Promise.resolve(
        members.map((file) => {
          return { file, image: imageAt(library, file.path), isSheet: isSheet(library, file.path) };
        }),
      ),
    );
    for (const { file, image, isSheet: isOnlySheet } of images) {
      if (image) indexed.set(keyOf(file), { ...file, hash: image.hash });
      else unknown++;
      if (!image && isOnlySheet) sheets++;
    }
  }
  if (indexed.size === 0) throw new UserError(sheets === files.length ? symbolsInstead() : notIndexed(files));
  return { indexed: [...indexed.values()], unknown };
}

function symbolsInstead(): string {
  return vscode.l10n.t(
    'The symbols of this sheet are images of their own. Select them in the Tags view or the gallery.',
  );
}

function notIndexed([first, ...others]: readonly ImageFile[]): string {
  return first && others.length === 0
    ? vscode.l10n.t('{0} is not indexed yet. Run "AssetLens: Tag Workspace Images" first.', first.path)
    : vscode.l10n.t('These images are not indexed yet. Run "AssetLens: Tag Workspace Images" first.');
}
