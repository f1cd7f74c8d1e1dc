import * as vscode from 'vscode';
import { UserError } from '../../base/userError.ts';
import { reportErrors } from '../../workspace/log.ts';
import type { Services } from '../../workspace/services.ts';
import { uriOfImage } from '../../workspace/folders/targets.ts';
import type { Hit } from '../../workspace/folders/searchFolders.ts';
import { copyRelativePath, insertPath, openToSide } from './imageActions.ts';
import { imageButtons, notice, type ImageItem, type ItemOptions } from './imageItems.ts';
import { tabPreview } from './tabPreview.ts';

export interface ImagePickOptions {
  readonly title: string;
  readonly placeholder: string;
  /** What stands in the box at first. */
  readonly value?: string;
  /** Whether what is typed is a new query; otherwise it filters the lines. */
  readonly live: boolean;
  /** The buttons of the box. They are made anew after each press, so that they can show their state. */
  readonly buttons?: () => readonly PickButton[];
  /** The lines for what is typed. A UserError is shown as a line. */
  readonly list: (value: string, items: ItemOptions, signal: AbortSignal) => Promise<readonly ImageItem[]>;
  /** What was typed when an image was chosen or the list was left. */
  readonly left?: (value: string) => Promise<void>;
}

export interface PickButton {
  readonly button: vscode.QuickInputButton;
  /** Called with the text in the box, before the images are listed again. */
  readonly pressed: (value: string) => void;
}

const DEBOUNCE_MILLISECONDS = 150;
/** While images are being indexed, changes come often. */
const REFRESH_MILLISECONDS = 700;
const PREVIEW_MILLISECONDS = 120;

/** Shows a list of images that is computed as one types. */
export function showImagePick(services: Services, options: ImagePickOptions): void {
  const { folders, imageIcons, log } = services;
  const editor = vscode.window.activeTextEditor;
  const preview = tabPreview();
  const pick = vscode.window.createQuickPick<ImageItem>();
  // Known to all versions of the editor, not yet to its types: results keep their order, and their separators.
  Object.assign(pick, { sortByLabel: false });
  pick.title = options.title;
  pick.placeholder = options.placeholder;
  pick.value = options.value ?? '';
  let buttons: readonly PickButton[] = [];
  const showButtons = (): void => {
    buttons = options.buttons?.() ?? [];
    pick.buttons = buttons.map(({ button }) => button);
  };
  showButtons();
  const { openToSide: side, insertPath: insert, copyPath, findSimilar } = imageButtons;
  const itemOptions: ItemOptions = {
    buttons: editor ? [insert, side, copyPath, findSimilar] : [side, copyPath, findSimilar],
    nameFolders: folders.all().length > 1,
    alwaysShow: options.live,
  };

  let running: AbortController | undefined;
  let listTimer: NodeJS.Timeout | undefined;
  let previewTimer: NodeJS.Timeout | undefined;
  /** The first line is active by itself: an image is shown once somebody moves on. */
  let browsing = false;
  let accepted = false;

  const run = async (keep: boolean): Promise<void> => {
    running?.abort(); // a new query ends the old one
    const controller = new AbortController();
    const { signal } = controller;
    running = controller;
    pick.busy = true;
    try {
      const items = await options.list(pick.value, itemOptions, signal);
      if (signal.aborted) return;
      show(items, keep);
      void reportErrors(log, () => makeIcons(items, signal));
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof UserError)) throw error;
      // In the list and not in a message: a query that is still being typed is no mistake yet.
      show([notice(error.message.split('\n')[0] ?? '')], false);
    } finally {
      if (running === controller) pick.busy = false;
    }
  };
  const show = (items: readonly ImageItem[], keep: boolean): void => {
    const before = keep && browsing ? addressOf(pick.activeItems[0]) : undefined;
    pick.keepScrollPosition = keep;
    pick.items = items.map((item) => (item.picture ? { ...item, ...imageIcons.of(item.picture) } : item));
    const same = before === undefined ? undefined : pick.items.find((item) => addressOf(item) === before);
    if (!same) browsing = false;
    // While the scroll position is kept, the editor makes no line active by itself.
    const active = same ?? pick.items.find(({ kind }) => kind !== vscode.QuickPickItemKind.Separator);
    if (active) pick.activeItems = [active];
  };
  const makeIcons = (items: readonly ImageItem[], signal: AbortSignal): Promise<void> => {
    const pictures = items.flatMap(({ picture }) => (picture ? [picture] : []));
    return imageIcons.make(pictures, signal, () => {
      show(items, true);
    });
  };
  const runSoon = (milliseconds: number, keep: boolean): void => {
    clearTimeout(listTimer);
    listTimer = setTimeout(() => void reportErrors(log, () => run(keep)), milliseconds);
  };
  const leaveFor = (work: () => Promise<void>): void => {
    accepted = true;
    pick.hide();
    void reportErrors(log, work);
  };

  const buttonWork = new Map<vscode.QuickInputButton, (hit: Hit) => void>([
    [
      side,
      (hit) => {
        leaveFor(() => openToSide(hit));
      },
    ],
    [
      insert,
      (hit) => {
        if (editor)
          leaveFor(async () => {
            await preview.restore();
            await insertPath(hit, editor);
          });
      },
    ],
    [
      copyPath,
      (hit) => {
        void reportErrors(log, () => copyRelativePath(hit));
      },
    ],
    [
      findSimilar,
      (hit) => {
        leaveFor(async () => {
          await vscode.commands.executeCommand('assetlens.findSimilar', uriOfImage(hit));
        });
      },
    ],
  ]);

  const subscriptions = vscode.Disposable.from(
    pick,
    pick.onDidChangeValue(() => {
      browsing = false;
      if (!options.live) return;
      running?.abort();
      runSoon(DEBOUNCE_MILLISECONDS, false);
    }),
    pick.onDidTriggerButton((pressed) => {
      buttons.find(({ button }) => button === pressed)?.pressed(pick.value);
      showButtons();
      runSoon(0, false);
    }),
    pick.onDidTriggerItemButton(({ item, button }) => {
      if (item.hit) buttonWork.get(button)?.(item.hit);
    }),
    pick.onDidChangeActive(([active]) => {
      clearTimeout(previewTimer);
      const first = pick.items.find((item) => item.hit);
      if (!active?.hit || (!browsing && active === first)) return;
      browsing = true;
      const uri = uriOfImage(active.hit);
      previewTimer = setTimeout(() => void reportErrors(log, () => preview.show(uri)), PREVIEW_MILLISECONDS);
    }),
    pick.onDidAccept(() => {
      const [chosen] = pick.activeItems;
      if (chosen?.query !== undefined) {
        pick.value = chosen.query;
        runSoon(0, false);
      } else if (chosen?.hit) {
        const uri = uriOfImage(chosen.hit);
        leaveFor(async () => {
          await vscode.commands.executeCommand('vscode.open', uri, { preview: true });
        });
      }
    }),
    folders.onDidChange(() => {
      runSoon(REFRESH_MILLISECONDS, true);
    }),
    pick.onDidHide(() => {
      const { value } = pick;
      clearTimeout(listTimer);
      clearTimeout(previewTimer);
      running?.abort();
      subscriptions.dispose();
      void reportErrors(log, async () => {
        if (!accepted) await preview.restore();
        await options.left?.(value);
      });
    }),
  );
  pick.show();
  void reportErrors(log, () => run(false));
}

function addressOf(item: ImageItem | undefined): string | undefined {
  return item?.hit && uriOfImage(item.hit).toString();
}
