import * as vscode from 'vscode';
import type { ImageFolders } from '../folders/imageFolders.ts';
import type { Indexer } from '../indexing/indexer.ts';
import { reportErrors } from '../log.ts';
import type { Models } from './models.ts';
import { readSettings } from '../settings.ts';

/**
 * Makes the index of a model that was chosen, in the background: a choice is the user's own word, whatever is said of keeping up to
 * date. What an earlier window began goes on.
 */
export function followModels(
  log: vscode.LogOutputChannel,
  models: Models,
  folders: ImageFolders,
  indexer: Indexer,
): vscode.Disposable {
  const chosen = async (): Promise<void> => {
    for (const folder of folders.all()) {
      if (!(await folder.chooseLibrary())) continue;
      indexer.drop(folder); // what goes on there is for a model that is not wanted any more
      folders.changed(folder);
      if (folder.switching || readSettings(folder.uri).keepUpToDate) indexer.refresh(folder);
    }
  };
  /** Opens nothing: it waits until a folder is looked into, which views do soon. */
  const goOn = (): void => {
    for (const folder of folders.all()) {
      if (folder.switching && !indexer.wasLookedAt(folder)) indexer.refresh(folder);
    }
  };
  return vscode.Disposable.from(
    models.onDidChange(() => void reportErrors(log, chosen)),
    folders.onDidOpen(goOn),
  );
}
