import * as vscode from 'vscode';
import type { Switching } from '../folders/folderLibraries.ts';
import type { ImageFolder } from '../folders/imageFolder.ts';
import type { ImageFolders } from '../folders/imageFolders.ts';
import type { IndexerState } from './indexer.ts';

/** Number of different texts for one switch: each new message of a view causes a new layout of the view. */
const STEPS = 20;

/** Describes the progress to another model, one line for each folder that shows tags of an earlier model. */
export function switchingLines(folders: ImageFolders, state: IndexerState): string[] {
  const all = folders.all();
  return all.flatMap((folder) => {
    if (!folder.switching) return [];
    const { from, to, images } = folder.switching;
    const done = indexedImages(folder.switching, filesLeft(folder, state));
    const line = vscode.l10n.t('The tags come from {0}. {1} has indexed {2} of {3} images.', from, to, done, images);
    return [all.length > 1 ? `${folder.name}: ${line}` : line];
  });
}

/**
 * Returns how many images the new model has processed, rounded down to a step.
 * @param left files that an update has left
 */
export function indexedImages({ images, unseen }: Switching, left: number | null): number {
  const step = Math.max(1, Math.floor(images / STEPS));
  return Math.floor(Math.max(0, images - Math.min(images, left ?? unseen)) / step) * step;
}

/**
 * Returns the number of files that the update of a folder has left; null if none is running or the number is unknown.
 */
function filesLeft(folder: ImageFolder, state: IndexerState): number | null {
  if (state.kind !== 'indexing' || state.folder !== folder) return null;
  const { progress } = state;
  return progress?.phase === 'embed' && progress.total !== null ? progress.total - progress.done : null;
}
