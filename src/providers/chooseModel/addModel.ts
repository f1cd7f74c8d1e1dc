import * as vscode from 'vscode';
import { fileSize } from '../../base/format.ts';
import type { DownloadRequest, HubSettings, ModelProblem } from '../../clip/index.ts';
import { UserError } from '../../base/userError.ts';
import { signalOf } from '../../workspace/log.ts';
import type { Services } from '../../workspace/services.ts';
import { ask } from '../../workspace/messages.ts';
import { printable } from '../../base/printable.ts';
import { messageText } from '../../workspace/shownText.ts';

/**
 * Downloads and builds a model, and shows a notification with a Cancel button. After a cancellation, the next call
 * continues the download.
 * @param what the id of a recommended model, "owner/name" on the hub, or a folder
 * @returns the name of the installed model; undefined if the user declined the download
 * @throws UserError if the model cannot be downloaded or used
 */
export async function installModel(
  services: Services,
  what: string,
  { replace }: { readonly replace: boolean },
): Promise<string | undefined> {
  const { addModel, hubSettings, modelsFolder, DownloadDeclined } = await import('../../clip/index.ts');
  // The fetch of the editor applies the proxy settings of the user.
  const hub = hubSettings();
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: messageText(vscode.l10n.t('Adding {0}', what)),
    cancellable: true,
  };
  try {
    return await vscode.window.withProgress(options, async (progress, token) => {
      const report = progressReport(progress);
      const signal = signalOf(token);
      const { name } = await addModel(what, {
        hub,
        models: modelsFolder(),
        bundled: services.models.bundled,
        replace,
        signal,
        confirm: (request) => consent(request, hub),
        check: (folder) => tryModel(services, folder, signal),
        onDownload: ({ doneBytes, totalBytes, file, waiting }) => {
          const message = waiting
            ? vscode.l10n.t('{0}: waiting for the download in another window or program', file)
            : vscode.l10n.t('{0} of {1}, {2}', fileSize(doneBytes), fileSize(totalBytes), file);
          report(message, doneBytes / Math.max(1, totalBytes));
        },
        onBuild: (fraction) => {
          report(vscode.l10n.t('Building the ONNX graphs'), fraction);
        },
      });
      return name;
    });
  } catch (error) {
    if (error instanceof DownloadDeclined) return undefined;
    throw error;
  }
}

/** Shows the size, the host and the licence of a download, and asks for confirmation. */
async function consent({ repository, bytes, licence }: DownloadRequest, hub: HubSettings): Promise<boolean> {
  return ask({
    severity: 'information',
    question: vscode.l10n.t('Do you want to download {0} from {1}?', fileSize(bytes), new URL(hub.endpoint).host),
    detail: [
      vscode.l10n.t('Model: {0}', printable(repository)),
      vscode.l10n.t(
        'Licence: {0}',
        licence === null ? vscode.l10n.t("not stated; see the model's page") : printable(licence),
      ),
      vscode.l10n.t('AssetLens saves the files in {0}, a cache shared with other Hugging Face tools.', hub.cacheFolder),
    ].join('\n'),
    button: vscode.l10n.t('Download'),
  });
}

/** Converts fractions to the increments of a notification. A negative increment restarts its progress bar. */
function progressReport(
  progress: vscode.Progress<{ message?: string; increment?: number }>,
): (message: string, fraction: number) => void {
  let shown = 0;
  return (message, fraction) => {
    const percent = 100 * fraction;
    progress.report({ message: messageText(message), increment: percent - shown });
    shown = percent;
  };
}

/** Embeds a text and an image in a separate process. @throws UserError if the model does not work */
async function tryModel(services: Services, folder: string, signal: AbortSignal): Promise<void> {
  const { findModelProblem, openModelFolder } = await import('../../clip/index.ts');
  const lease = await services.models.lease(await openModelFolder(folder));
  try {
    const problem = await findModelProblem(lease.inference, signal);
    if (!problem) return;
    throw new UserError(
      vscode.l10n.t('AssetLens did not install the model because it fails on this machine ({0}).', reasonOf(problem)),
    );
  } finally {
    await lease.end(); // the folder is renamed next, and some systems do not rename a folder that is in use
  }
}

function reasonOf(problem: ModelProblem): string {
  switch (problem.kind) {
    case 'failed':
      return problem.reason;
    case 'invalid':
      return vscode.l10n.t('its embeddings contain invalid numbers, or only zeros');
    case 'constant':
      return vscode.l10n.t('its embeddings of different images or texts are all the same');
  }
}
