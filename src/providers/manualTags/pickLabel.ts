import * as vscode from 'vscode';
import type { ImageFolder } from '../../workspace/folders/imageFolders.ts';
import type { IndexedFile } from './indexedImages.ts';
import { knownLabels, labelChoices, type LabelChoice } from './labelChoices.ts';

interface LabelItem extends vscode.QuickPickItem {
  readonly choice?: LabelChoice;
}

/** Asks for a label: one of the settings, one that was given by hand before, or what is typed. */
export async function pickLabel(images: readonly IndexedFile[]): Promise<string | undefined> {
  const folders = new Set(images.map(({ file }) => file.folder));
  const known = await labelsOf(folders);
  const carried = await countCarried(images);
  const itemsFor = (typed: string): LabelItem[] => itemsOf(labelChoices(known, typed), carried, images.length);

  const pick = vscode.window.createQuickPick<LabelItem>();
  pick.title =
    images.length === 1 ? vscode.l10n.t('Add Tag to 1 Image') : vscode.l10n.t('Add Tag to {0} Images', images.length);
  pick.placeholder = vscode.l10n.t('Choose a label, or type a new one');
  pick.items = itemsFor('');
  const picked = new Promise<string | undefined>((resolve) => {
    pick.onDidChangeValue((value) => {
      pick.items = itemsFor(value);
    });
    pick.onDidAccept(() => {
      const choice = pick.selectedItems[0]?.choice;
      if (!choice) return;
      resolve(choice.label);
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
    });
  });
  pick.show();
  try {
    return await picked;
  } finally {
    pick.dispose();
  }
}

async function labelsOf(folders: Iterable<ImageFolder>): Promise<LabelChoice[]> {
  const { manualLabels } = await import('../../library/index.ts');
  const sets: Awaited<ReturnType<ImageFolder['labelSets']>>[number][] = [];
  const manual: string[] = [];
  for (const folder of folders) {
    sets.push(...(await folder.labelSets()));
    manual.push(...(await folder.withLibrary((library) => Promise.resolve(manualLabels(library)))));
  }
  return knownLabels(sets, manual);
}

/** How many of the images carry a label already. */
async function countCarried(images: readonly IndexedFile[]): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const { file } of images) {
    const tags = (await file.folder.tags()).byPath.get(file.path)?.tags ?? [];
    for (const { label } of tags) counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return counts;
}

function itemsOf(choices: readonly LabelChoice[], carried: ReadonlyMap<string, number>, images: number): LabelItem[] {
  let set: string | undefined;
  return choices.flatMap((choice): LabelItem[] => {
    if (choice.isNew) {
      const label = `$(add) ${choice.label}`;
      return [{ label, description: vscode.l10n.t('new label'), alwaysShow: true, choice }];
    }
    const isOfNext = choice.set !== set;
    set = choice.set;
    const title = set === '' ? vscode.l10n.t('Added by Hand') : set;
    const separator: LabelItem = { label: title, kind: vscode.QuickPickItemKind.Separator };
    const item: LabelItem = { label: choice.label, choice, ...carriedBy(carried.get(choice.label) ?? 0, images) };
    return isOfNext ? [separator, item] : [item];
  });
}

function carriedBy(count: number, images: number): Pick<vscode.QuickPickItem, 'description'> {
  if (count === 0) return {};
  return { description: images === 1 ? vscode.l10n.t('tagged') : vscode.l10n.t('{0} of {1} tagged', count, images) };
}
