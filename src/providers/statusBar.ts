import * as vscode from 'vscode';
import type { Inference } from '../clip/index.ts';
import { messageOf } from '../base/userError.ts';
import type { ImageFolder } from '../workspace/folders/imageFolder.ts';
import type { IndexerState } from '../workspace/indexing/indexer.ts';
import { describeProgress } from '../workspace/indexing/progressText.ts';
import type { Services } from '../workspace/services.ts';
import { partialLines } from '../workspace/indexing/partialText.ts';
import { switchingLines } from '../workspace/indexing/switchingText.ts';
import { printable } from '../base/printable.ts';
import { printableLines } from '../workspace/shownText.ts';

/**
 * Registers the status bar item: the progress of indexing, or the number of images. It is hidden until a folder is
 * indexed.
 */
export function registerStatusBar(services: Services): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('assetlens.status', vscode.StatusBarAlignment.Right, 50);
  item.name = 'AssetLens';
  item.command = 'assetlens.tags.focus';

  const update = async (): Promise<void> => {
    const { state } = services.indexer;
    if (state.kind === 'indexing') showProgress(item, state, switchingLines(services.folders, state));
    else await showCounts(item, services);
  };
  const updateNow = (): void => {
    update().catch((error: unknown) => {
      // Updates run in the background, so an error goes to the log and the tooltip instead of a message.
      services.log.warn(messageOf(error));
      item.text = '$(warning) AssetLens';
      item.tooltip = printableLines(messageOf(error));
      item.show();
    });
  };
  let wasIndexing = false;
  const showCommand = ({ kind }: IndexerState): void => {
    const isIndexing = kind === 'indexing';
    if (isIndexing === wasIndexing) return;
    wasIndexing = isIndexing;
    // Enables the command that stops indexing. Not awaited, because nothing depends on it.
    void vscode.commands.executeCommand('setContext', 'assetlens.indexing', isIndexing);
  };
  updateNow();
  return vscode.Disposable.from(
    item,
    services.indexer.onDidChangeState(updateNow),
    services.indexer.onDidChangeState(showCommand),
    services.folders.onDidChange(updateNow),
    services.device.onDidChange(updateNow),
  );
}

function showProgress(
  item: vscode.StatusBarItem,
  state: Extract<IndexerState, { kind: 'indexing' }>,
  switching: readonly string[],
): void {
  const { message, percent } = describeProgress(state);
  const { progress } = state;
  item.text =
    typeof progress?.total !== 'number' ? '$(sync~spin) AssetLens' : `$(sync~spin) AssetLens ${Math.floor(percent)} %`;
  const speed = progress?.imagesPerSecond ? vscode.l10n.t('{0} images/s', Math.round(progress.imagesPerSecond)) : '';
  const tooltip = new vscode.MarkdownString();
  tooltip.isTrusted = { enabledCommands: ['assetlens.stopIndexing'] };
  for (const line of [
    vscode.l10n.t('AssetLens is indexing the images of this workspace.'),
    message,
    speed,
    ...switching,
  ]) {
    if (line !== '') tooltip.appendText(`${printable(line)}\n`);
  }
  tooltip.appendMarkdown(`\n[${vscode.l10n.t('Stop')}](command:assetlens.stopIndexing)`);
  item.tooltip = tooltip;
  item.accessibilityInformation = { label: `AssetLens, ${printable(message)}` };
  item.show();
}

async function showCounts(item: vscode.StatusBarItem, services: Services): Promise<void> {
  const lines: string[] = [];
  const models = new Set<string>();
  let [files, failures] = [0, 0];
  for (const folder of services.folders.all()) {
    if (!(await folder.hasIndex())) continue;
    const { countImages } = await import('../library/index.ts');
    const counts = await folder.withLibrary((library) => {
      models.add(library.inference.model.manifest.name);
      return Promise.resolve(countImages(library));
    });
    files += counts.files;
    failures += counts.failures;
    lines.push(vscode.l10n.t('{0}: {1} images, {2} not readable', folder.name, counts.files, counts.failures));
  }
  if (services.indexer.state.kind === 'indexing') return; // it started during the count
  if (lines.length === 0) {
    item.hide();
    return;
  }
  const partial = partialLines(services.folders.all(), services.indexer.state);
  lines.push(...partial, ...switchingLines(services.folders, services.indexer.state));
  const model = vscode.l10n.t('Model: {0}', [...models].join(', '));
  item.text =
    partial.length > 0 ? partialCounts(services.folders.all(), files) : `$(file-media) ${files.toLocaleString()}`;
  item.tooltip = [...lines, model, await deviceLine(await services.inference())]
    .map((line) => printable(line))
    .join('\n');
  const accessibleLabel = vscode.l10n.t('AssetLens: {0} images, {1} not readable', files, failures);
  item.accessibilityInformation = { label: printable([accessibleLabel, ...partial].join(', ')) };
  item.show();
}

/** Returns the text of the status bar item if some images are not indexed yet. */
function partialCounts(folders: readonly ImageFolder[], files: number): string {
  const left = folders.reduce((sum, { partial }) => sum + (partial ? partial.total - partial.done : 0), 0);
  const [done, total] = [files.toLocaleString(), (files + left).toLocaleString()];
  return `$(file-media) ${vscode.l10n.t('{0} of {1}', done, total)}`;
}

/** Returns the device that embeds images, and the reason. */
export async function deviceLine(inference: Inference): Promise<string> {
  const { PROVIDER_NAMES } = await import('../clip/index.ts');
  const { verdict } = await inference.device();
  return vscode.l10n.t('Device: {0} ({1})', PROVIDER_NAMES[verdict.provider], verdict.reason);
}
