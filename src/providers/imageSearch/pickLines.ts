import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import { UserError } from '../../base/userError.ts';
import { uriOfImage } from '../../workspace/folders/targets.ts';
import { reportErrors } from '../../workspace/log.ts';
import type { Services } from '../../workspace/services.ts';
import { notice, type ImageItem } from './imageItems.ts';
import { printableItem } from '../../workspace/shownText.ts';

/**
 * The lines of a list of images: computes them for the text of the box, and adds thumbnails. A new text cancels the old
 * one.
 */
export class PickLines implements Disposable {
  /** Whether the user has moved through the list; the active line then stays active when the lines are refreshed. */
  isBrowsing = false;

  readonly #services: Pick<Services, 'imageIcons' | 'log'>;
  readonly #pick: vscode.QuickPick<ImageItem>;
  readonly #list: (value: string, signal: AbortSignal) => Promise<readonly ImageItem[]>;
  #running: AbortController | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param list the lines for a text; a UserError is shown as a line */
  constructor(
    services: Pick<Services, 'imageIcons' | 'log'>,
    pick: vscode.QuickPick<ImageItem>,
    list: (value: string, signal: AbortSignal) => Promise<readonly ImageItem[]>,
  ) {
    this.#services = services;
    this.#pick = pick;
    this.#list = list;
  }

  /** Lists the images for a new text. The lines of the old text are now out of date. */
  updateAfter(milliseconds: number): void {
    this.#running?.abort();
    this.#runAfter(milliseconds, false);
  }

  /** Lists the images for the same text again, and keeps the active line and the scroll position. */
  refreshAfter(milliseconds: number): void {
    this.#runAfter(milliseconds, true);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#running?.abort();
  }

  #runAfter(milliseconds: number, keepPosition: boolean): void {
    clearTimeout(this.#timer);
    const run = (): Promise<void> => reportErrors(this.#services.log, () => this.#run(keepPosition));
    this.#timer = setTimeout(() => void run(), milliseconds);
  }

  async #run(keepPosition: boolean): Promise<void> {
    this.#running?.abort();
    const controller = new AbortController();
    const { signal } = controller;
    this.#running = controller;
    this.#pick.busy = true;
    try {
      const items = await this.#list(this.#pick.value, signal);
      if (signal.aborted) return;
      this.#show(items, keepPosition);
      void reportErrors(this.#services.log, () => this.#makeIcons(items, signal));
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof UserError)) throw error;
      // A line instead of an error message, because the user may still be typing the query.
      this.#show([notice(error.message.split('\n')[0] ?? '')], false);
    } finally {
      if (this.#running === controller) this.#pick.busy = false;
    }
  }

  #show(items: readonly ImageItem[], keepPosition: boolean): void {
    const { imageIcons } = this.#services;
    const pick = this.#pick;
    const before = keepPosition && this.isBrowsing ? addressOf(pick.activeItems[0]) : undefined;
    pick.keepScrollPosition = keepPosition;
    pick.items = items.map((item) => ({ ...printableItem(item), ...(item.picture && imageIcons.of(item.picture)) }));
    const same = before === undefined ? undefined : pick.items.find((item) => addressOf(item) === before);
    if (!same) this.isBrowsing = false;
    // While the scroll position is kept, the editor makes no line active by itself.
    // Enter opens the best image, also below a hint.
    const isLine = ({ kind }: ImageItem): boolean => kind !== vscode.QuickPickItemKind.Separator;
    const active = same ?? pick.items.find(({ hit }) => hit) ?? pick.items.find(isLine);
    if (active) pick.activeItems = [active];
  }

  #makeIcons(items: readonly ImageItem[], signal: AbortSignal): Promise<void> {
    const pictures = items.flatMap(({ picture }) => (picture ? [picture] : []));
    return this.#services.imageIcons.make(pictures, signal, () => {
      this.#show(items, true);
    });
  }
}

function addressOf(item: ImageItem | undefined): string | undefined {
  return item?.hit && uriOfImage(item.hit).toString();
}
