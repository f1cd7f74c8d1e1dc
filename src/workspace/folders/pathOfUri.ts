import { isFragment, joinImagePath, mayBeSheet } from '../../base/imagePath.ts';

/** Returns the absolute path of an image, with the fragment of its URI; see base/imagePath.ts. */
export function pathOfUri({ fsPath, fragment = '' }: { readonly fsPath: string; readonly fragment?: string }): string {
  return joinImagePath({ file: fsPath, fragment: mayBeSheet(fsPath) && isFragment(fragment) ? fragment : '' });
}
