import * as vscode from 'vscode';
import type { KindCounts, LabelPreset, PictureKind } from '../../library/index.ts';
import type { ImageFolder } from '../../workspace/folders/imageFolder.ts';
import { indexedFolders } from '../../workspace/folders/searchFolders.ts';
import { reportErrors } from '../../workspace/log.ts';
import { showMessage } from '../../workspace/messages.ts';
import type { Services } from '../../workspace/services.ts';
import { readSettings } from '../../workspace/settings.ts';
import { isBeyondModel, summaryText, type IndexingSummary } from './summaryText.ts';

/** Registers the commands that index the workspace, and shows a summary at the end. */
export function registerTagWorkspace(services: Services): vscode.Disposable {
  const register = (command: string, retryFailed: boolean): vscode.Disposable =>
    vscode.commands.registerCommand(command, () =>
      reportErrors(services.log, async () => {
        const isComplete = await services.indexer.run({ retryFailed });
        // Not awaited: the command is done when the images are indexed.
        void reportErrors(services.log, () => (isComplete ? showSummary(services) : showStopped(services)));
      }),
    );
  return vscode.Disposable.from(register('assetlens.tagWorkspace', false), register('assetlens.retryFailed', true));
}

/** Tells how much is indexed after the user stopped. */
async function showStopped({ folders }: Services): Promise<void> {
  const partial = folders.all().flatMap((folder) => folder.partial ?? []);
  if (partial.length === 0) return;
  const done = partial.reduce((sum, folder) => sum + folder.done, 0);
  const total = partial.reduce((sum, folder) => sum + folder.total, 0);
  const message = vscode.l10n.t(
    'Indexing stopped. {0} of {1} images are indexed.',
    done.toLocaleString(),
    total.toLocaleString(),
  );
  const button = vscode.l10n.t('Continue');
  const answer = await showMessage('information', message, button);
  if (answer === button) await vscode.commands.executeCommand('assetlens.tagWorkspace');
}

async function showSummary(services: Services): Promise<void> {
  const folders = await indexedFolders(services.folders.all());
  const summary = await summarise(folders, services.models.bundled.folder);
  if (summary.tagged + summary.maybe + summary.untagged + summary.problems === 0) return;
  const presets = await proposedPresets(folders, summary.kinds);
  const names = presets.map(({ name }) => name);
  const actions: { readonly title: string; readonly run: () => unknown }[] = [];
  const command = (title: string, id: string, ...values: unknown[]): void => {
    actions.push({ title, run: () => vscode.commands.executeCommand(id, ...values) });
  };
  if (isBeyondModel(summary)) command(vscode.l10n.t('Choose Model…'), 'assetlens.chooseModel');
  if (names.length > 0) command(vscode.l10n.t('Use Fitting Labels'), 'assetlens.useLabelPresets', names);
  command(vscode.l10n.t('Open Gallery'), 'assetlens.openGallery');
  if (summary.problems > 0) command(vscode.l10n.t('Show Log'), 'assetlens.showLog');
  const severity = summary.problems > 0 ? 'warning' : 'information';
  const answer = await showMessage(severity, summaryText(summary), ...actions.map(({ title }) => title));
  await actions.find(({ title }) => title === answer)?.run();
}

/** @param bundled folder of the bundled model */
async function summarise(folders: readonly ImageFolder[], bundled: string): Promise<IndexingSummary> {
  const { countImages, countKinds } = await import('../../library/index.ts');
  const kinds = new Map<PictureKind, number>();
  const counts = { tagged: 0, maybe: 0, untagged: 0, problems: 0 };
  let isBundledModel = true;
  for (const folder of folders) {
    const { images } = await folder.tags();
    const tagged = images.filter(({ tags }) => tags.length > 0).length;
    const maybe = images.filter((image) => image.tags.length === 0 && image.maybe.length > 0).length;
    counts.tagged += tagged;
    counts.maybe += maybe;
    counts.untagged += images.length - tagged - maybe;
    await folder.withLibrary(async (library) => {
      counts.problems += countImages(library).failures;
      isBundledModel &&= library.inference.model.folder === bundled;
      for (const [kind, count] of await countKinds(library, folder.closed)) {
        kinds.set(kind, (kinds.get(kind) ?? 0) + count);
      }
    });
  }
  return { ...counts, kinds, isBundledModel };
}

/** Presets are proposed only instead of the default labels, and never for labels of an untrusted workspace. */
async function proposedPresets(folders: readonly ImageFolder[], kinds: KindCounts): Promise<LabelPreset[]> {
  if (!vscode.workspace.isTrusted || folders.some(({ uri }) => readSettings(uri).labels !== null)) return [];
  const { fittingPresets } = await import('../../library/index.ts');
  return fittingPresets(kinds);
}
