import * as vscode from 'vscode';
import { UserError } from '../../base/userError.ts';

const DEBOUNCE_MILLISECONDS = 150;

/** Filters the tree as one types. It stays filtered when the box closes: the view's title has a button that clears it. */
export async function openFilterBox(current: string, setFilter: (filter: string) => Promise<void>): Promise<void> {
  const box = vscode.window.createInputBox();
  box.title = vscode.l10n.t('Filter Tags');
  box.placeholder = vscode.l10n.t('Words of a label, a name or a path, or a glob: camera icons/ *.svg');
  box.prompt = vscode.l10n.t('Shows the images that all words are found for. Empty: all images.');
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

/** A glob that is refused is said below the box, and what was filtered by before stays. */
async function applyFilter(box: vscode.InputBox, setFilter: (filter: string) => Promise<void>): Promise<void> {
  const { pathMatcher } = await import('../../library/index.ts');
  try {
    for (const pattern of box.value.split(/\s+/).filter(Boolean)) pathMatcher([{ pattern, exclude: false }]);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    box.validationMessage = error.message;
    return;
  }
  box.validationMessage = undefined;
  await setFilter(box.value);
}
