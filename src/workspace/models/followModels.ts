import * as vscode from 'vscode';
import type { ImageFolders } from '../folders/imageFolders.ts';
import type { Indexer } from '../indexing/indexer.ts';
import { reportErrors } from '../log.ts';
import { readSettings } from '../settings.ts';
import type { Models } from './models.ts';

/**
 * Makes the index of a newly chosen model in the background, also where the setting keepUpToDate is off, because the
 * user has chosen the model. It continues what an earlier window started.
 */
export function followModels(
  log: vscode.LogOutputChannel,
  models: Models,
  folders: ImageFolders,
  indexer: Indexer,
): vscode.Disposable {
  const applyChoice = async (): Promise<void> => {
    for (const folder of folders.all()) {
      if (!(await folder.chooseLibrary())) continue;
      indexer.drop(folder); // an update in progress is for the model that is no longer wanted
      folders.changed(folder);
      if (folder.switching || readSettings(folder.uri).keepUpToDate) indexer.refresh(folder);
    }
  };
  /** Opens no index itself; views open it soon. */
  const continueSwitch = (): void => {
    for (const folder of folders.all()) {
      if (folder.switching && !indexer.wasStarted(folder)) indexer.refresh(folder);
    }
  };
  return vscode.Disposable.from(
    models.onDidChange(() => void reportErrors(log, applyChoice)),
    folders.onDidOpen(continueSwitch),
  );
}
