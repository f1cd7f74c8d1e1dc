import * as vscode from 'vscode';
import { applyEdits, type ManualTagEdit } from '../../taggedImages/index.ts';
import type { ImageFolder } from '../folders/imageFolder.ts';
import { reportErrors } from '../log.ts';
import type { Services } from '../services.ts';
import { showMessage } from '../messages.ts';
import { nameInList } from '../shownText.ts';

/** How the user is notified: quietly in the status bar, or by a message with an Undo button. */
export interface Notice {
  readonly quiet: boolean;
  readonly message: string;
}

const STATUS_MILLISECONDS = 4000;

/** Applies changes of manual tags and offers to undo them. */
export async function applyWithUndo(
  { folders, log }: Services,
  edits: readonly ManualTagEdit<ImageFolder>[],
  { quiet, message }: Notice,
): Promise<void> {
  const apply = (changes: readonly ManualTagEdit<ImageFolder>[]): Promise<ManualTagEdit<ImageFolder>[]> =>
    applyEdits(changes, (folder) => {
      folders.changed(folder);
    });
  const undo = await apply(edits);
  if (quiet) {
    vscode.window.setStatusBarMessage(`$(tag) ${nameInList(message)}`, STATUS_MILLISECONDS);
    return;
  }
  const button = vscode.l10n.t('Undo');
  // Not awaited: the command is done, and the message stays until the user closes it.
  void showMessage('information', message, button).then(async (answer) => {
    if (answer !== button) return;
    await reportErrors(log, async () => {
      await apply(undo);
    });
  });
}
