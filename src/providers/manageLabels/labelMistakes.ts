import * as vscode from 'vscode';
import { UserError } from '../../base/userError.ts';
import type { Disposable } from '../../base/disposable.ts';
import type { ImageFolder } from '../../workspace/folders/imageFolders.ts';
import { reportErrors } from '../../workspace/log.ts';
import type { Services } from '../../workspace/services.ts';
import { readSettings } from '../../workspace/settings.ts';
import type { LabelsStore } from './labelsStore.ts';

export interface LabelMistakes extends Disposable {
  /** Shows an error that is about the labels of a folder, with a button that opens them; answers whether it is. */
  shown(folder: ImageFolder, error: unknown): Promise<boolean>;
}

/** Says what is wrong with the labels of a folder once for each version of them, and not at each refresh. */
export function watchMistakes(services: Services, store: LabelsStore): LabelMistakes {
  const { folders, log } = services;
  /** The mistakes that were shown, by folder. */
  const known = new Map<ImageFolder, string>();

  const mistakesOf = async (folder: ImageFolder): Promise<string | undefined> => {
    if (readSettings(folder.uri).labels === null) return undefined; // nothing to load for
    return folder.labelSets().then(
      () => undefined,
      (error: unknown) => {
        if (error instanceof UserError) return error.message;
        throw error;
      },
    );
  };
  const show = (folder: ImageFolder, message: string): void => {
    log.warn(message);
    const button = vscode.l10n.t('Open Settings');
    const [heading = '', ...lines] = message.split('\n');
    const shown = `${heading} ${lines.map((line) => line.trim()).join('; ')}`; // a message has no lines
    void vscode.window.showErrorMessage(shown, button).then((answer) => {
      if (answer === button) void reportErrors(log, () => store.openSettings(folder));
    });
  };
  const check = async (folder: ImageFolder): Promise<void> => {
    const message = await mistakesOf(folder);
    if (message === known.get(folder)) return;
    if (message === undefined) {
      known.delete(folder);
      return;
    }
    known.set(folder, message);
    show(folder, message);
  };
  const subscription = folders.onDidChange((folder) => {
    void reportErrors(log, async () => {
      for (const each of folder ? [folder] : folders.all()) await check(each);
    });
  });

  return {
    async shown(folder, error) {
      const message = await mistakesOf(folder);
      if (!(error instanceof UserError) || error.message !== message) return false;
      show(folder, message); // whoever opens the labels is to see it again
      return true;
    },
    dispose() {
      subscription.dispose();
    },
  };
}
