import * as vscode from 'vscode';
import type { LabelSet } from '../../library/index.ts';
import type { ImageFolder } from '../../workspace/folders/imageFolder.ts';
import type { IndexedFile } from './indexedImages.ts';
import { knownLabels, labelChoices, type LabelChoice } from './labelChoices.ts';
import { nameInList, printableItem } from '../../workspace/shownText.ts';

interface LabelItem extends vscode.QuickPickItem {
  readonly choice?: LabelChoice;
}

/** Asks for a label: one of the settings, a manual label, or a new one that the user types. */
export async function pickLabel(images: readonly IndexedFile[]): Promise<string | undefined> {
  const folders = new Set(images.map(({ folder }) => folder));
  const known = await labelsOf(folders);
  const counts = await countTags(images);
  const itemsFor = (typed: string): LabelItem[] => itemsOf(labelChoices(known, typed), counts, images.length);

  const pick = vscode.window.createQuickPick<LabelItem>();
  pick.title =
    images.length === 1 ? vscode.l10n.t('Add Tag to 1 Image') : vscode.l10n.t('Add Tag to {0} Images', images.length);
  pick.placeholder = vscode.l10n.t('Select a label or enter a new one');
  pick.items = itemsFor('').map(printableItem);
  const picked = new Promise<string | undefined>((resolve) => {
    pick.onDidChangeValue((value) => {
      pick.items = itemsFor(value).map(printableItem);
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
  const sets: LabelSet[] = [];
  const manual: string[] = [];
  for (const folder of folders) {
    sets.push(...(await folder.labelSets()));
    manual.push(...(await folder.withLibrary((library) => Promise.resolve(manualLabels(library)))));
  }
  return knownLabels(sets, manual);
}

/** Counts the images that already have each label. */
async function countTags(images: readonly IndexedFile[]): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const { folder, path } of images) {
    const tags = (await folder.tags()).byPath.get(path)?.tags ?? [];
    for (const { label } of tags) counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return counts;
}

/** @param counts number of images that already have each label */
function itemsOf(choices: readonly LabelChoice[], counts: ReadonlyMap<string, number>, images: number): LabelItem[] {
  let set: string | undefined;
  return choices.flatMap((choice): LabelItem[] => {
    if (choice.isNew) {
      const label = `$(add) ${nameInList(choice.label)}`;
      return [{ label, description: vscode.l10n.t('new label'), alwaysShow: true, choice }];
    }
    const startsSet = choice.set !== set;
    set = choice.set;
    const title = set === '' ? vscode.l10n.t('Added Manually') : set;
    const separator: LabelItem = { label: title, kind: vscode.QuickPickItemKind.Separator };
    const item: LabelItem = {
      label: nameInList(choice.label),
      choice,
      ...describeCount(counts.get(choice.label) ?? 0, images),
    };
    return startsSet ? [separator, item] : [item];
  });
}

function describeCount(count: number, images: number): Pick<vscode.QuickPickItem, 'description'> {
  if (count === 0) return {};
  return { description: images === 1 ? vscode.l10n.t('tagged') : vscode.l10n.t('{0} of {1} tagged', count, images) };
}
