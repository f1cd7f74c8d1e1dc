import * as vscode from 'vscode';
import type { Switching } from '../folders/folderLibraries.ts';
import type { ImageFolder, ImageFolders } from '../folders/imageFolders.ts';
import type { IndexerState } from './indexer.ts';

/** Parts that the way to another model is told in: each assignment of a view's message lays the view out anew. */
const STEPS = 20;

/** What is stale and how far its successor is, a line for each folder that shows tags of an earlier model. */
export function switchingLines(folders: ImageFolders, state: IndexerState): string[] {
  const all = folders.all();
  return all.flatMap((folder) => {
    if (!folder.switching) return [];
    const { from, to, images } = folder.switching;
    const seen = imagesSeen(folder.switching, progressOf(folder, state));
    const line = vscode.l10n.t('Tags are of {0}; {1} has looked at {2} of {3} images.', from, to, seen, images);
    return [all.length > 1 ? `${folder.name}: ${line}` : line];
  });
}

/** Images that the new model has looked at, in steps. */
export function imagesSeen({ images, unseen }: Switching, left: number | null): number {
  const step = Math.max(1, Math.floor(images / STEPS));
  return Math.floor(Math.max(0, images - Math.min(images, left ?? unseen)) / step) * step;
}

/** Files that an update of this folder has yet to look into; null where none goes on, or it does not know yet. */
function progressOf(folder: ImageFolder, state: IndexerState): number | null {
  if (state.kind !== 'indexing' || state.folder !== folder) return null;
  const { progress } = state;
  return progress?.phase === 'embed' && progress.total !== null ? progress.total - progress.done : null;
}
