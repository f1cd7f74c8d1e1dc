import * as l10n from '@vscode/l10n';
import { printable } from '../../base/printable.ts';

export function imageCount(count: number): string {
  return count === 1 ? l10n.t('1 image') : l10n.t('{0} images', count.toLocaleString());
}

/** The name of a file, to be shown. */
export function baseName(path: string): string {
  return printable(path.slice(path.lastIndexOf('/') + 1));
}

/** The folder of an image, to be shown. It begins with the name of the workspace folder if there are several. */
export function folderOf({ path, folder }: { readonly path: string; readonly folder: string }): string {
  const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')));
  return printable([folder, parent].filter(Boolean).join('/'));
}
