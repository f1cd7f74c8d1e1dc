import * as vscode from 'vscode';
import type { ImageFolders } from '../folders/imageFolders.ts';
import type { Indexer } from '../indexing/indexer.ts';
import { reportErrors, type Log } from '../log.ts';
import { readSettings } from '../settings.ts';
import type { Models } from './models.ts';

/**
 * Indexes the folders with a newly selected model in the background, even if the setting keepUpToDate is off. It also
 * continues the switch of an earlier window.
 */
export function followModels(log: Log, models: Models, folders: ImageFolders, indexer: Indexer): vscode.Disposable {
  const applyChoice = async (): Promise<void> => {
    for (const folder of folders.all()) {
      if (!(await folder.chooseLibrary())) continue;
      indexer.drop(folder); // an update in progress uses the previous model
      folders.changed(folder);
      if (folder.switching || readSettings(folder.uri).keepUpToDate) indexer.refresh(folder);
    }
  };
  /** Opens no index itself; views open it soon. */
  const continueSwitch = (): void => {
    for (const folder of folders.all()) {
      if (folder.switching && !indexer.wasUpdateStarted(folder)) indexer.refresh(folder);
    }
  };
  return vscode.Disposable.from(
    models.onDidChange(() => void reportErrors(log, applyChoice)),
    folders.onDidOpen(continueSwitch),
  );
}
