import * as vscode from 'vscode';
import { UserError } from '../../base/userError.ts';
import type { ImageFolder } from '../../workspace/folders/imageFolder.ts';
import { reportErrors } from '../../workspace/log.ts';
import type { Services } from '../../workspace/services.ts';
import { setName, typeField, type EditedLabel } from './fieldSteps.ts';
import { readFolderLabels, type FolderLabels } from './folderLabels.ts';
import { editLabel } from './labelEditor.ts';
import { LabelMistakes } from './labelMistakes.ts';
import { withLabel, withoutLabel, withTemplates } from './labelsSetting.ts';
import { LabelsStore } from './labelsStore.ts';
import { chooseTask, type Task } from './overview.ts';
import { usePresets } from './usePresets.ts';
import { pickTemplates } from './templatesStep.ts';
import { nameInList } from '../../workspace/shownText.ts';

/**
 * Registers "Manage Labels…", which lists and edits the labels of a folder and shows the images that each would match.
 */
export function registerManageLabels(services: Services): vscode.Disposable {
  const store = new LabelsStore(services);
  const mistakes = new LabelMistakes(services, store);
  const command = vscode.commands.registerCommand('assetlens.manageLabels', () =>
    reportErrors(services.log, async () => {
      const folder = await chooseFolder(services);
      if (!folder) return;
      try {
        await manage(services, store, folder);
      } catch (error) {
        if (!(await mistakes.show(folder, error))) throw error;
      }
    }),
  );
  const presets = vscode.commands.registerCommand('assetlens.useLabelPresets', (names: unknown) =>
    reportErrors(services.log, async () => usePresets(store, await chooseFolder(services), names)),
  );
  return vscode.Disposable.from(command, presets, mistakes);
}

/** Shows the list of labels again after each change, until the user closes it. */
async function manage(services: Services, store: LabelsStore, folder: ImageFolder): Promise<void> {
  for (;;) {
    const labels = await readFolderLabels(folder);
    const chosen = await chooseTask(services, labels, services.folders.all().length > 1);
    if (chosen.kind !== 'answer') return;
    if (!(await perform(services, store, labels, chosen.answer))) return;
  }
}

/** Performs a task. Returns whether to show the list of labels again. */
async function perform(services: Services, store: LabelsStore, labels: FolderLabels, task: Task): Promise<boolean> {
  const { folder } = labels;
  switch (task.kind) {
    case 'settings':
      await store.openSettings(folder);
      return false;
    case 'remove':
      return removeLabel(store, folder, task.set, task.label.name);
    case 'edit':
      return edit(services, store, labels, { set: task.set, label: task.label, original: task.label.name });
    case 'add':
      return add(services, store, labels, task.name);
    case 'templates': {
      const { set } = task;
      const outcome = await pickTemplates(services, labels, set);
      if (outcome.kind !== 'answer') return outcome.kind === 'back';
      const { templates } = outcome.answer;
      const message = vscode.l10n.t('Changed the templates of {0}', setName(set.name));
      return store.change(folder, set.name, message, (value) => withTemplates(value, set.name, templates ?? undefined));
    }
  }
}

async function add(services: Services, store: LabelsStore, labels: FolderLabels, name: string): Promise<boolean> {
  // By default the last set: the sets of users follow the default sets.
  const blank: EditedLabel = { set: labels.sets.at(-1)?.name ?? '', label: { name } };
  if (name !== '') return edit(services, store, labels, blank);
  const named = await typeField(services, labels, blank, 'name');
  if (named.kind !== 'answer') return named.kind === 'back';
  return edit(services, store, labels, { ...blank, label: named.answer });
}

async function edit(
  services: Services,
  store: LabelsStore,
  labels: FolderLabels,
  start: EditedLabel,
): Promise<boolean> {
  const outcome = await editLabel(services, labels, start);
  if (outcome.kind !== 'answer') return outcome.kind === 'back';
  if (outcome.answer.kind === 'remove') return removeLabel(store, labels.folder, start.set, start.original ?? '');
  return saveLabel(store, labels.folder, start.set, outcome.answer.edited);
}

/** @param from set that contains the label; not used for a new label */
export async function saveLabel(
  store: LabelsStore,
  folder: ImageFolder,
  from: string,
  { set, label, original }: EditedLabel,
): Promise<boolean> {
  const message =
    original === undefined
      ? vscode.l10n.t('Added label {0}', label.name)
      : vscode.l10n.t('Changed label {0}', label.name);
  const replaces = original === undefined ? {} : { replaces: original };
  return store.change(folder, original === undefined ? set : from, message, (value) =>
    withLabel(value, set, label, replaces),
  );
}

async function removeLabel(store: LabelsStore, folder: ImageFolder, set: string, name: string): Promise<boolean> {
  return store.change(folder, set, vscode.l10n.t('Removed label {0}', name), (value) => withoutLabel(value, name));
}

async function chooseFolder({ folders }: Services): Promise<ImageFolder | undefined> {
  const all = folders.all();
  const [first] = all;
  if (!first) throw new UserError(vscode.l10n.t('Open a folder first. Labels apply to the images of a folder.'));
  if (all.length === 1) return first;
  const items = all.map((folder) => ({
    label: nameInList(folder.name),
    description: nameInList(folder.uri.fsPath),
    folder,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Select the folder whose labels you want to manage'),
  });
  return picked?.folder;
}
