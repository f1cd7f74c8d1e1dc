import * as vscode from 'vscode';
import { UserError } from '../../base/userError.ts';
import { WordFilter } from '../../taggedImages/index.ts';

const DEBOUNCE_MILLISECONDS = 150;

/**
 * Shows an input box that filters the tree while the user types. The filter stays when the box closes; a button in the
 * title of the view clears it.
 */
export async function openFilterBox(current: string, setFilter: (filter: string) => Promise<void>): Promise<void> {
  const box = vscode.window.createInputBox();
  box.title = vscode.l10n.t('Filter Tags');
  box.placeholder = vscode.l10n.t('Words of a label, a name or a path, or a glob, for example: camera icons/ *.svg');
  box.prompt = vscode.l10n.t('Shows images that match all words. Leave empty to show all images.');
  box.value = current;
  let timer: NodeJS.Timeout | undefined;
  const hidden = new Promise<void>((resolve, reject) => {
    const apply = (): void => {
      clearTimeout(timer);
      timer = undefined;
      applyFilter(box, setFilter).catch(reject);
    };
    box.onDidChangeValue(() => {
      clearTimeout(timer);
      timer = setTimeout(apply, DEBOUNCE_MILLISECONDS);
    });
    box.onDidAccept(() => {
      box.hide();
    });
    box.onDidHide(() => {
      if (timer) apply();
      resolve();
    });
  });
  box.show();
  try {
    await hidden;
  } finally {
    box.dispose();
  }
}

/** Shows an invalid glob below the box and keeps the previous filter. */
async function applyFilter(box: vscode.InputBox, setFilter: (filter: string) => Promise<void>): Promise<void> {
  try {
    await WordFilter.parse(box.value);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    box.validationMessage = error.message;
    return;
  }
  box.validationMessage = undefined;
  await setFilter(box.value);
}
