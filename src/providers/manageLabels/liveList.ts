import * as vscode from 'vscode';
import { reportErrors } from '../../workspace/log.ts';
import type { Services } from '../../workspace/services.ts';
import type { ImageRow } from './matches.ts';

/** A row that answers, or an image that is shown when it is chosen. */
export interface LiveRow<T> extends ImageRow {
  readonly answer?: T;
  readonly rowButtons?: readonly { readonly button: vscode.QuickInputButton; readonly answer: T }[];
}

export interface LiveListOptions<T> {
  readonly title: string;
  readonly placeholder?: string;
  /** Stays below the box. */
  readonly prompt?: string;
  readonly value?: string;
  /** Offers the way back to the list before, by a button. */
  readonly back?: boolean;
  readonly buttons?: readonly { readonly button: vscode.QuickInputButton; readonly answer: T }[];
  /** The rows for what is typed: at once, and with what has to be computed when it is there. */
  readonly rows: (value: string, signal: AbortSignal) => AsyncIterable<readonly LiveRow<T>[]>;
}

/** How a list was left: with an answer, back to the one before, or altogether. */
export type Outcome<T> =
  | { readonly kind: 'answer'; readonly answer: T; readonly value: string }
  | { readonly kind: 'back' }
  | { readonly kind: 'left' };

const DEBOUNCE_MILLISECONDS = 120;

/** Shows rows that follow what is typed and what the index holds, until one of them is chosen. */
export async function liveList<T>(
  { log, folders, imageIcons }: Services,
  { rows, buttons = [], ...options }: LiveListOptions<T>,
): Promise<Outcome<T>> {
  const pick = vscode.window.createQuickPick<LiveRow<T>>();
  // Known to all versions of the editor, not yet to its types: rows keep their order, and their separators.
  Object.assign(pick, { sortByLabel: false });
  pick.title = options.title;
  pick.placeholder = options.placeholder;
  pick.prompt = options.prompt;
  pick.value = options.value ?? '';
  pick.ignoreFocusOut = true; // half a label is not lost to a click beside it
  pick.buttons = [...(options.back ? [vscode.QuickInputButtons.Back] : []), ...buttons.map(({ button }) => button)];

  let running: AbortController | undefined;
  let timer: NodeJS.Timeout | undefined;
  const run = async (): Promise<void> => {
    running?.abort();
    const controller = new AbortController();
    running = controller;
    pick.busy = true;
    let shown: readonly LiveRow<T>[] = [];
    try {
      for await (shown of rows(pick.value, controller.signal)) {
        if (controller.signal.aborted) return;
        show(shown);
      }
    } finally {
      if (running === controller) pick.busy = false;
    }
    const pictures = shown.flatMap(({ picture }) => (picture ? [picture] : []));
    await imageIcons.make(pictures, controller.signal, () => {
      show(shown);
    });
  };
  const show = (items: readonly LiveRow<T>[]): void => {
    const at = pick.items.findIndex((item) => item === pick.activeItems[0]);
    pick.keepScrollPosition = true;
    pick.items = items.map((item) => ({
      ...item,
      ...(item.picture && imageIcons.of(item.picture)),
      buttons: item.rowButtons?.map(({ button }) => button) ?? [],
    }));
    // Not a line that only says something: Enter would do nothing.
    const first = pick.items.find(({ answer, image }) => answer !== undefined || image !== undefined);
    const active = at > 0 ? pick.items[at] : first;
    if (active) pick.activeItems = [active];
  };
  const runSoon = (): void => {
    clearTimeout(timer);
    running?.abort();
    timer = setTimeout(() => void reportErrors(log, run), DEBOUNCE_MILLISECONDS);
  };

  return new Promise<Outcome<T>>((resolve) => {
    const finish = (outcome: Outcome<T>): void => {
      resolve(outcome);
      pick.hide();
    };
    const answer = (given: T | undefined): void => {
      if (given !== undefined) finish({ kind: 'answer', answer: given, value: pick.value });
    };
    const subscriptions = vscode.Disposable.from(
      pick,
      pick.onDidChangeValue(runSoon),
      folders.onDidChange(runSoon),
      pick.onDidAccept(() => {
        const [row] = pick.activeItems;
        answer(row?.answer);
        const image = row?.image;
        if (image) void reportErrors(log, () => showBehind(image));
      }),
      pick.onDidTriggerItemButton(({ item, button }) => {
        answer(item.rowButtons?.find((one) => one.button === button)?.answer);
      }),
      pick.onDidTriggerButton((button) => {
        if (button === vscode.QuickInputButtons.Back) finish({ kind: 'back' });
        else answer(buttons.find((one) => one.button === button)?.answer);
      }),
      pick.onDidHide(() => {
        clearTimeout(timer);
        running?.abort();
        subscriptions.dispose();
        resolve({ kind: 'left' }); // where nothing was chosen; a promise keeps its first outcome
      }),
    );
    pick.show();
    void reportErrors(log, run);
  });
}

async function showBehind(image: vscode.Uri): Promise<void> {
  await vscode.commands.executeCommand('vscode.open', image, { preserveFocus: true, preview: true });
}
