import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import { fileUri } from '../../workspace/folders/imageUri.ts';
import { uriOfImage } from '../../workspace/folders/targets.ts';
import type { Hit } from '../../workspace/folders/searchFolders.ts';
import { reportErrors } from '../../workspace/log.ts';
import type { Services } from '../../workspace/services.ts';
import { copyRelativePath, insertPath, openToSide } from './hitActions.ts';
import { imageButtons, type ImageItem, type ItemOptions } from './imageItems.ts';
import { PickLines } from './pickLines.ts';
import { TabPreview } from './tabPreview.ts';

export interface ImagePickOptions {
  readonly title: string;
  readonly placeholder: string;
  /** The text of the box at first. */
  readonly value?: string;
  /** Whether the text of the box is a query; otherwise it filters the lines. */
  readonly live: boolean;
  /**
   * The buttons of the box. Pressing one lists the lines again, and calls this again for the new states of the buttons.
   */
  readonly buttons?: () => readonly BoxButton[];
  /** The lines for the text of the box. A UserError is shown as a line. */
  readonly list: (value: string, items: ItemOptions, signal: AbortSignal) => Promise<readonly ImageItem[]>;
  /** Called with the text of the box when the list closes. */
  readonly onClose?: (value: string) => Promise<void>;
}

export interface BoxButton {
  readonly button: vscode.QuickInputButton;
  readonly onPress: (value: string) => void;
}

const DEBOUNCE_MILLISECONDS = 150;
/** Changes are frequent while images are being indexed. */
const REFRESH_MILLISECONDS = 700;
const PREVIEW_MILLISECONDS = 120;

/** Shows a list of images that follows the text of its box. */
export function showImagePick(services: Services, options: ImagePickOptions): void {
  new ImagePick(services, options).show();
}

class ImagePick {
  readonly #services: Services;
  readonly #options: ImagePickOptions;
  /** The editor that a path can be inserted into: the active one before the list opened. */
  readonly #editor = vscode.window.activeTextEditor;
  readonly #preview = new TabPreview();
  readonly #pick: vscode.QuickPick<ImageItem>;
  readonly #lines: PickLines;
  readonly #subscriptions: Disposable[] = [];
  #buttons: readonly BoxButton[] = [];
  #previewTimer: NodeJS.Timeout | undefined;
  /** Whether the list closes because the user chose an image or a command. */
  #isAccepted = false;

  constructor(services: Services, options: ImagePickOptions) {
    this.#services = services;
    this.#options = options;
    this.#pick = this.#createPick();
    const items = this.#itemOptions();
    this.#lines = new PickLines(services, this.#pick, (value, signal) => options.list(value, items, signal));
  }

  show(): void {
    const pick = this.#pick;
    this.#subscriptions.push(
      pick,
      this.#lines,
      pick.onDidChangeValue(() => {
        this.#lines.isBrowsing = false;
        if (this.#options.live) this.#lines.updateAfter(DEBOUNCE_MILLISECONDS);
      }),
      pick.onDidTriggerButton((pressed) => {
        this.#buttons.find(({ button }) => button === pressed)?.onPress(pick.value);
        this.#showButtons();
        this.#lines.updateAfter(0);
      }),
      pick.onDidTriggerItemButton(({ item, button }) => {
        if (item.hit) this.#onItemButton(button, item.hit);
      }),
      pick.onDidChangeActive(([active]) => {
        this.#onActive(active);
      }),
      pick.onDidAccept(() => {
        this.#onAccept();
      }),
      this.#services.folders.onDidChange(() => {
        this.#lines.refreshAfter(REFRESH_MILLISECONDS);
      }),
      pick.onDidHide(() => {
        this.#onHide();
      }),
    );
    this.#showButtons();
    pick.show();
    this.#lines.updateAfter(0);
  }

  #createPick(): vscode.QuickPick<ImageItem> {
    const { title, placeholder, value = '' } = this.#options;
    const pick = vscode.window.createQuickPick<ImageItem>();
    // A property of every version of the editor, but not of its types: results keep their order and separators.
    Object.assign(pick, { sortByLabel: false });
    return Object.assign(pick, { title, placeholder, value });
  }

  #showButtons(): void {
    this.#buttons = this.#options.buttons?.() ?? [];
    this.#pick.buttons = this.#buttons.map(({ button }) => button);
  }

  #itemOptions(): ItemOptions {
    const { insertPath: insert, openToSide: side, copyPath, findSimilar } = imageButtons;
    return {
      buttons: this.#editor ? [insert, side, copyPath, findSimilar] : [side, copyPath, findSimilar],
      nameFolders: this.#services.folders.all().length > 1,
      alwaysShow: this.#options.live,
    };
  }

  #onItemButton(button: vscode.QuickInputButton, hit: Hit): void {
    const editor = this.#editor;
    switch (button) {
      case imageButtons.openToSide:
        this.#closeFor(() => openToSide(hit));
        break;
      case imageButtons.insertPath:
        if (!editor) return;
        this.#closeFor(async () => {
          await this.#preview.restore();
          await insertPath(hit, editor);
        });
        break;
      case imageButtons.copyPath:
        void reportErrors(this.#services.log, () => copyRelativePath(hit));
        break;
      case imageButtons.findSimilar:
        this.#closeFor(async () => {
          await vscode.commands.executeCommand('assetlens.findSimilar', uriOfImage(hit));
        });
        break;
    }
  }

  #onActive(active: ImageItem | undefined): void {
    clearTimeout(this.#previewTimer);
    // The editor makes the first line active. The preview starts when the user moves to another line.
    const isFirst = active === this.#pick.items.find((item) => item.hit);
    if (!active?.hit || (isFirst && !this.#lines.isBrowsing)) return;
    this.#lines.isBrowsing = true;
    const uri = fileUri(uriOfImage(active.hit));
    const preview = (): Promise<void> => reportErrors(this.#services.log, () => this.#preview.show(uri));
    this.#previewTimer = setTimeout(() => void preview(), PREVIEW_MILLISECONDS);
  }

  #onAccept(): void {
    const [chosen] = this.#pick.activeItems;
    if (chosen?.query !== undefined) {
      this.#pick.value = chosen.query;
      this.#lines.updateAfter(0);
    } else if (chosen?.hit) {
      const uri = fileUri(uriOfImage(chosen.hit));
      this.#closeFor(async () => {
        await vscode.commands.executeCommand('vscode.open', uri, { preview: true });
      });
    }
  }

  #closeFor(work: () => Promise<void>): void {
    this.#isAccepted = true;
    this.#pick.hide();
    void reportErrors(this.#services.log, work);
  }

  #onHide(): void {
    const { value } = this.#pick;
    clearTimeout(this.#previewTimer);
    for (const subscription of this.#subscriptions) subscription.dispose();
    void reportErrors(this.#services.log, async () => {
      if (!this.#isAccepted) await this.#preview.restore();
      await this.#options.onClose?.(value);
    });
  }
}
