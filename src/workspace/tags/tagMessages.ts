import * as vscode from 'vscode';

/** @param images number of images that got the tag */
export function taggedMessage(label: string, images: number): string {
  return images === 1
    ? vscode.l10n.t('Added the tag "{0}" to 1 image.', label)
    : vscode.l10n.t('Added the tag "{1}" to {0} images.', images, label);
}

/** @param labels the distinct labels */
export function confirmedMessage(labels: readonly string[], images: number): string {
  return images === 1
    ? vscode.l10n.t('Confirmed {0} for 1 image.', quoted(labels))
    : vscode.l10n.t('Confirmed {0} for {1} images.', quoted(labels), images);
}

/** @param labels the distinct labels */
export function removedMessage(labels: readonly string[], images: number): string {
  return images === 1
    ? vscode.l10n.t('Removed {0} from 1 image.', quoted(labels))
    : vscode.l10n.t('Removed {0} from {1} images.', quoted(labels), images);
}

/** Returns the message that the manual tags of one label are cleared. */
export function clearedMessage(label: string): string {
  return vscode.l10n.t('Undid your tags for {0}.', quoted([label]));
}

/** Returns the message that all manual tags of some images are cleared. */
export function allClearedMessage(images: number): string {
  return images === 1
    ? vscode.l10n.t('Removed the manual tags of 1 image.')
    : vscode.l10n.t('Removed the manual tags of {0} images.', images);
}

function quoted(labels: readonly string[]): string {
  const [first, ...others] = labels;
  return first !== undefined && others.length === 0 ? `"${first}"` : vscode.l10n.t('{0} tags', labels.length);
}
