import * as vscode from 'vscode';
import { exactPercent } from '../../base/format.ts';
import type { Label } from '../../clip/index.ts';
import type { LabelSet } from '../../library/index.ts';
import type { Services } from '../../workspace/services.ts';
import { setName } from './fieldSteps.ts';
import { draftOf, setOfLabel, type FolderLabels } from './folderLabels.ts';
import { liveList, type LiveRow, type Outcome } from './liveList.ts';
import { countText, noIndexRow, previewIn } from './matches.ts';
import { nameInList } from '../../workspace/shownText.ts';

/** A task that the user chooses from the list of labels. */
export type Task =
  | { readonly kind: 'add'; readonly name: string }
  | { readonly kind: 'edit' | 'remove'; readonly set: string; readonly label: Label }
  | { readonly kind: 'templates'; readonly set: LabelSet }
  | { readonly kind: 'settings' };

const edit = { iconPath: new vscode.ThemeIcon('edit'), tooltip: vscode.l10n.t('Edit') };
const remove = { iconPath: new vscode.ThemeIcon('trash'), tooltip: vscode.l10n.t('Remove') };
const add = { iconPath: new vscode.ThemeIcon('add'), tooltip: vscode.l10n.t('Add Label') };
const settings = { iconPath: new vscode.ThemeIcon('go-to-file'), tooltip: vscode.l10n.t('Open Settings') };

/** Lists the labels of a folder with their numbers of images. The typed text finds a label, or becomes a new one. */
export async function chooseTask(services: Services, labels: FolderLabels, several: boolean): Promise<Outcome<Task>> {
  const { folder } = labels;
  return liveList<Task>(services, {
    title: several ? vscode.l10n.t('Labels of {0}', folder.name) : vscode.l10n.t('Labels'),
    placeholder: vscode.l10n.t('Type to find or add a label'),
    buttons: [
      { button: add, answer: { kind: 'add', name: '' } },
      { button: settings, answer: { kind: 'settings' } },
    ],
    async *rows(value, signal) {
      const name = value.trim().replace(/\s+/g, ' ');
      const isNew = name !== '' && !setOfLabel(labels, name);
      // The existing labels are shown at once, and the count of the new label when it is computed.
      const counts = await countsOf(labels);
      const rows = (count?: number): LiveRow<Task>[] => [
        ...(counts ? [] : [noIndexRow()]),
        ...(isNew ? [addRow(name, count === undefined ? (counts ? '…' : '') : countText(count))] : []),
        ...labels.sets.flatMap((set) => setRows(set, labels, counts)),
      ];
      yield rows();
      if (!isNew) return;
      const draft = draftOf(labels, labels.sets.at(-1)?.name ?? '', { name });
      const preview = await previewIn(folder, draft, [draft.threshold], signal);
      if (preview) yield rows(preview.counts[0] ?? 0);
    },
  });
}

function addRow(name: string, description: string): LiveRow<Task> {
  return {
    label: `$(add) ${nameInList(vscode.l10n.t('Add "{0}"…', name))}`,
    description,
    alwaysShow: true,
    answer: { kind: 'add', name },
  };
}

function setRows(set: LabelSet, labels: FolderLabels, counts: ReadonlyMap<string, number> | null): LiveRow<Task>[] {
  return [
    { label: setName(set.name), kind: vscode.QuickPickItemKind.Separator },
    ...set.labels.map((label): LiveRow<Task> => {
      const { threshold } = draftOf(labels, set.name, label);
      const details = [
        ...(counts ? [countText(counts.get(label.name) ?? 0)] : []),
        ...(label.threshold === undefined ? [] : [vscode.l10n.t('threshold {0}', exactPercent(threshold))]),
        ...(label.prompts ? [vscode.l10n.t('custom prompts')] : []),
        ...(label.context === undefined ? [] : [label.context]),
        ...(label.synonyms?.length ? [label.synonyms.join(', ')] : []),
      ];
      return {
        label: nameInList(label.name),
        description: nameInList(details.join('  ·  ')),
        iconPath: new vscode.ThemeIcon('tag'),
        answer: { kind: 'edit', set: set.name, label },
        rowButtons: [
          { button: edit, answer: { kind: 'edit', set: set.name, label } },
          { button: remove, answer: { kind: 'remove', set: set.name, label } },
        ],
      };
    }),
    {
      label: vscode.l10n.t('Templates of {0}…', setName(set.name)),
      description: nameInList(set.templates.join('  ·  ')),
      iconPath: new vscode.ThemeIcon('symbol-string'),
      answer: { kind: 'templates', set },
    },
  ];
}

/** Counts the images of each label; null if the folder has no index or no images. */
async function countsOf({ folder }: FolderLabels): Promise<Map<string, number> | null> {
  if (!(await folder.hasIndex())) return null;
  const { images } = await folder.tags();
  const counts = new Map<string, number>();
  for (const { tags } of images) for (const { label } of tags) counts.set(label, (counts.get(label) ?? 0) + 1);
  return images.length === 0 ? null : counts;
}
