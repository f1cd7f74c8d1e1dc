import path from 'node:path';
import * as vscode from 'vscode';
import { fileOfImage } from '../../base/imagePath.ts';
import type { ImageFolder } from '../../workspace/folders/imageFolder.ts';
import { showWithLog, signalOf } from '../../workspace/log.ts';
import type { Services } from '../../workspace/services.ts';
import type { ImageWithTags, RefusedSidecar, SidecarPlan, WrittenSidecars } from './sidecarFiles.ts';
import { showMessage, ask } from '../../workspace/messages.ts';
import { printable } from '../../base/printable.ts';

/** Plans the export of sidecars, asks for confirmation, and writes them. */
export async function exportSidecars(services: Services, folders: readonly ImageFolder[]): Promise<void> {
  const { planSidecars, writeSidecars } = await import('./sidecarFiles.ts');
  const images: ImageWithTags[] = [];
  for (const folder of folders) {
    const tagged = await folder.tags();
    for (const image of tagged.images) {
      // A symbol has no file of its own, so it has no sidecar.
      if (fileOfImage(image.path) !== image.path) continue;
      images.push({ file: path.join(folder.uri.fsPath, image.path), tags: image.tags });
    }
  }
  const plan = await withProgress(vscode.l10n.t('Looking for sidecars'), (_, signal) => planSidecars(images, signal));
  logRefused(services, plan.refused);
  const work = [...plan.create, ...plan.change];
  if (work.length === 0) {
    summarize(services, { written: 0, refused: plan.refused, cancelled: false }, 0);
    return;
  }
  if (!(await confirmed(plan))) return;
  const done = await withProgress(vscode.l10n.t('Writing XMP sidecars'), (progress, signal) =>
    writeSidecars(work, signal, (written) => {
      progress.report({ increment: 100 / work.length, message: `${written} / ${work.length}` });
    }),
  );
  logRefused(services, done.refused);
  summarize(services, { ...done, refused: plan.refused.concat(done.refused) }, work.length);
}

async function withProgress<T>(
  title: string,
  work: (progress: vscode.Progress<{ message?: string; increment?: number }>, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: `AssetLens: ${title}`, cancellable: true },
    (progress, token) => work(progress, signalOf(token)),
  );
}

async function confirmed({ create, change, refused }: SidecarPlan): Promise<boolean> {
  const lines = [
    vscode.l10n.t('New files: {0}', create.length),
    vscode.l10n.t('Existing files to update (other content stays): {0}', change.length),
    vscode.l10n.t('Existing files that AssetLens cannot change safely and skips: {0}', refused.length),
  ];
  const counts = [create.length, change.length, refused.length];
  const detail = lines.filter((_, i) => counts[i] !== 0).join('\n');
  const write = vscode.l10n.t('Write');
  const question = vscode.l10n.t('Write {0} XMP sidecars beside the images?', create.length + change.length);
  return ask({ severity: 'warning', question, detail, button: write });
}

function logRefused({ log }: Services, refused: readonly RefusedSidecar[]): void {
  for (const { file, reason } of refused) log.warn(printable(`${file}: ${reason}`));
}

/** @param planned number of sidecars to write */
function summarize({ log }: Services, { written, refused, cancelled }: WrittenSidecars, planned: number): void {
  const message = summary(written, planned, cancelled, refused.length > 0);
  const [first] = refused;
  if (!first) {
    void showMessage('information', message);
    return;
  }
  const left = vscode.l10n.t(
    'Skipped {0} files. First: {1} ({2})',
    refused.length,
    path.basename(first.file),
    first.reason,
  );
  showWithLog(log, 'warning', `${message} ${left}`);
}

function summary(written: number, planned: number, cancelled: boolean, anyRefused: boolean): string {
  if (cancelled) return vscode.l10n.t('Cancelled. Wrote {0} of {1} XMP sidecars.', written, planned);
  if (written === 0 && !anyRefused) return vscode.l10n.t('All XMP sidecars are up to date.');
  return vscode.l10n.t('Wrote {0} XMP sidecars.', written);
}
