import * as vscode from 'vscode';
import { fileUri } from '../../workspace/folders/imageUri.ts';
import { reportErrors } from '../../workspace/log.ts';
import type { Services } from '../../workspace/services.ts';
import type { ImageRow } from './matches.ts';
import { printableItem } from '../../workspace/shownText.ts';

/** A row with an answer, or an image that opens when the user chooses its row. */
export interface LiveRow<T> extends ImageRow {
  readonly answer?: T;
  readonly rowButtons?: readonly AnswerButton<T>[];
}

interface AnswerButton<T> {
  readonly button: vscode.QuickInputButton;
  readonly answer: T;
}

export interface LiveListOptions<T> {
  readonly title: string;
  readonly placeholder?: string;
  /** Text below the input box. */
  readonly prompt?: string;
  /** Initial text of the input box. */
  readonly value?: string;
  /** Whether to show a Back button. */
  readonly back?: boolean;
  readonly buttons?: readonly AnswerButton<T>[];
  /** Yields the rows for a text: first what is known at once, then again with computed results. */
  readonly rows: (value: string, signal: AbortSignal) => AsyncIterable<readonly LiveRow<T>[]>;
}

/** How the user left a list: with an answer, by the Back button, or by closing it. */
export type Outcome<T> =
  | { readonly kind: 'answer'; readonly answer: T; readonly value: string }
  | { readonly kind: 'back' }
  | { readonly kind: 'left' };

const DEBOUNCE_MILLISECONDS = 120;

/** Shows a list whose rows follow the typed text and the index, until the user chooses a row or closes it. */
export function liveList<T>(services: Services, options: LiveListOptions<T>): Promise<Outcome<T>> {
  return new LiveList(services, options).show();
}

class LiveList<T> {
  readonly #services: Services;
  readonly #options: LiveListOptions<T>;
  readonly #pick = vscode.window.createQuickPick<LiveRow<T>>();
  readonly #outcome = Promise.withResolvers<Outcome<T>>();
  readonly #subscriptions: vscode.Disposable;
  #update: AbortController | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(services: Services, options: LiveListOptions<T>) {
    this.#services = services;
    this.#options = options;
    const { title, placeholder, prompt, value = '', back, buttons = [] } = options;
    const pick = this.#pick;
    // The types of the editor lack this property. Rows keep their order and their separators.
    Object.assign(pick, { sortByLabel: false });
    pick.title = title;
    pick.placeholder = placeholder;
    pick.prompt = prompt;
    pick.value = value;
    pick.ignoreFocusOut = true; // a click elsewhere does not discard the input
    pick.buttons = [...(back ? [vscode.QuickInputButtons.Back] : []), ...buttons.map(({ button }) => button)];
    this.#subscriptions = vscode.Disposable.from(
      pick,
      pick.onDidChangeValue(() => {
        this.#updateSoon();
      }),
      services.folders.onDidChange(() => {
        this.#updateSoon();
      }),
      pick.onDidAccept(() => {
        this.#accept();
      }),
      pick.onDidTriggerItemButton(({ item, button }) => {
        this.#press(item.rowButtons ?? [], button);
      }),
      pick.onDidTriggerButton((button) => {
        if (button === vscode.QuickInputButtons.Back) this.#finish({ kind: 'back' });
        else this.#press(buttons, button);
      }),
      pick.onDidHide(() => {
        clearTimeout(this.#timer);
        this.#update?.abort();
        this.#subscriptions.dispose();
        this.#outcome.resolve({ kind: 'left' }); // no effect if there is an outcome already
      }),
    );
  }

  show(): Promise<Outcome<T>> {
    this.#pick.show();
    void reportErrors(this.#services.log, () => this.#updateRows());
    return this.#outcome.promise;
  }

  #finish(outcome: Outcome<T>): void {
    this.#outcome.resolve(outcome);
    this.#pick.hide();
  }

  #answer(answer: T | undefined): void {
    if (answer !== undefined) this.#finish({ kind: 'answer', answer, value: this.#pick.value });
  }

  #press(buttons: readonly AnswerButton<T>[], pressed: vscode.QuickInputButton): void {
    this.#answer(buttons.find(({ button }) => button === pressed)?.answer);
  }

  #accept(): void {
    const [row] = this.#pick.activeItems;
    this.#answer(row?.answer);
    const image = row?.image;
    if (image) void reportErrors(this.#services.log, () => openBehind(image));
  }

  #updateSoon(): void {
    clearTimeout(this.#timer);
    this.#update?.abort();
    this.#timer = setTimeout(() => {
      void reportErrors(this.#services.log, () => this.#updateRows());
    }, DEBOUNCE_MILLISECONDS);
  }

  async #updateRows(): Promise<void> {
    this.#update?.abort();
    const update = new AbortController();
    this.#update = update;
    this.#pick.busy = true;
    let rows: readonly LiveRow<T>[] = [];
    try {
      for await (rows of this.#options.rows(this.#pick.value, update.signal)) {
        if (update.signal.aborted) return;
        this.#setRows(rows);
      }
    } finally {
      if (this.#update === update) this.#pick.busy = false;
    }
    const pictures = rows.flatMap(({ picture }) => (picture ? [picture] : []));
    await this.#services.imageIcons.make(pictures, update.signal, () => {
      this.#setRows(rows);
    });
  }

  #setRows(rows: readonly LiveRow<T>[]): void {
    const pick = this.#pick;
    const activeIndex = pick.items.findIndex((item) => item === pick.activeItems[0]);
    pick.keepScrollPosition = true;
    pick.items = rows.map((row) => ({
      ...printableItem(row),
      ...(row.picture && this.#services.imageIcons.of(row.picture)),
      buttons: row.rowButtons?.map(({ button }) => button) ?? [],
    }));
    // A row that is only a message is not active, because Enter would do nothing.
    const first = pick.items.find(({ answer, image }) => answer !== undefined || image !== undefined);
    const active = activeIndex > 0 ? pick.items[activeIndex] : first;
    if (active) pick.activeItems = [active];
  }
}

async function openBehind(image: vscode.Uri): Promise<void> {
  await vscode.commands.executeCommand('vscode.open', fileUri(image), { preserveFocus: true, preview: true });
}
