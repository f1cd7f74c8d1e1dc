import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import { UserError } from '../../base/userError.ts';
import type { ImageFolder } from '../../workspace/folders/imageFolder.ts';
import { reportErrors, type Log } from '../../workspace/log.ts';
import type { Services } from '../../workspace/services.ts';
import { readSettings } from '../../workspace/settings.ts';
import type { LabelsStore } from './labelsStore.ts';
import { showMessage } from '../../workspace/messages.ts';

/** Shows the mistakes in the labels setting of folders, once for each version of the setting. */
export class LabelMistakes implements Disposable {
  readonly #log: Log;
  readonly #store: LabelsStore;
  readonly #subscription: Disposable;
  /** The mistakes that were shown, by folder. */
  readonly #shown = new Map<ImageFolder, string>();

  constructor({ folders, log }: Services, store: LabelsStore) {
    this.#log = log;
    this.#store = store;
    this.#subscription = folders.onDidChange((changed) => {
      void reportErrors(log, async () => {
        for (const folder of changed ? [changed] : folders.all()) await this.#check(folder);
      });
    });
  }

  /** Shows an error if it is about the labels setting of a folder, and returns whether it is. */
  async show(folder: ImageFolder, error: unknown): Promise<boolean> {
    const message = await mistakesOf(folder);
    if (!(error instanceof UserError) || error.message !== message) return false;
    this.#showMessage(folder, message); // even if it was shown before, because the user opens the labels
    return true;
  }

  dispose(): void {
    this.#subscription.dispose();
  }

  async #check(folder: ImageFolder): Promise<void> {
    const message = await mistakesOf(folder);
    if (message === this.#shown.get(folder)) return;
    if (message === undefined) {
      this.#shown.delete(folder);
      return;
    }
    this.#shown.set(folder, message);
    this.#showMessage(folder, message);
  }

  #showMessage(folder: ImageFolder, message: string): void {
    this.#log.warn(message);
    const button = vscode.l10n.t('Open Settings');
    const [heading = '', ...lines] = message.split('\n');
    const text = `${heading} ${lines.map((line) => line.trim()).join('; ')}`; // the editor shows a single line
    void showMessage('error', text, button).then((answer) => {
      if (answer === button) void reportErrors(this.#log, () => this.#store.openSettings(folder));
    });
  }
}

async function mistakesOf(folder: ImageFolder): Promise<string | undefined> {
  if (readSettings(folder.uri).labels === null) return undefined; // the default labels have no mistakes
  try {
    await folder.labelSets();
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}
