import path from 'node:path';
import * as vscode from 'vscode';
import type { DeviceEvent, DeviceOptions, Inference, Provider } from '../../clip/index.ts';
import type { Disposable } from '../../base/disposable.ts';
import { reportErrors } from '../log.ts';
import { keys, readDevice, SECTION } from '../settings.ts';

/** Where images are embedded, for every model of this window. */
export interface EditorDevice extends Disposable {
  /** For createInference. @param names of providers, as people know them */
  options(names: Readonly<Record<Provider, string>>): DeviceOptions;
  /** Tells it when the setting changes, until what is returned is disposed. */
  follow(inference: Inference): vscode.Disposable;
  /** Something was found out about a device, or one failed, or another one is wanted. */
  readonly onDidChange: vscode.Event<void>;
}

const PROBE = 'dist/probe.js';
/** Below the extension's own storage, which all its windows share. */
const VERDICTS = 'devices';

export function createDevice(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): EditorDevice {
  const changed = new vscode.EventEmitter<void>();
  const inferences = new Set<Inference>();
  let trying: vscode.Disposable | undefined;

  const tell = (event: DeviceEvent, names: Readonly<Record<Provider, string>>): void => {
    trying?.dispose();
    trying = undefined;
    if (event.kind === 'trying' && readDevice() !== 'auto') {
      trying = vscode.window.setStatusBarMessage(
        vscode.l10n.t('$(sync~spin) AssetLens tries {0}', names[event.provider]),
      );
    }
    const warning = warningOf(event, names);
    if (warning !== undefined) {
      log.warn(warning);
      // What was asked for and is not to be had is said; what goes on by itself stands in the status bar.
      if (event.kind === 'refused') showWithDiagnostics(warning);
    }
    if (event.kind === 'acquitted') log.info(`${names[event.provider]} did not fail: an image ended the process.`);
    changed.fire();
  };

  const heed = async (inference: Inference): Promise<void> => {
    await inference.deviceChanged();
    // Who asks for a GPU learns whether there is one; the rest is for the next use of the process.
    if (!['auto', 'cpu'].includes(readDevice()) && inferences.has(inference)) await inference.describe();
  };

  const settings = vscode.workspace.onDidChangeConfiguration((event) => {
    if (!event.affectsConfiguration(`${SECTION}.${keys.device}`)) return;
    for (const inference of inferences) void reportErrors(log, () => heed(inference));
    changed.fire();
  });

  return {
    options: (names) => ({
      setting: readDevice,
      folder: path.join(context.globalStorageUri.fsPath, VERDICTS),
      probeScript: context.asAbsolutePath(PROBE),
      version: String((context.extension.packageJSON as { readonly version: unknown }).version),
      onEvent(event) {
        tell(event, names);
      },
    }),
    follow(inference) {
      inferences.add(inference);
      return new vscode.Disposable(() => inferences.delete(inference));
    },
    onDidChange: changed.event,
    dispose() {
      for (const part of [settings, changed, trying]) part?.dispose();
    },
  };
}

function showWithDiagnostics(message: string): void {
  const show = vscode.l10n.t('Show Diagnostics');
  void vscode.window.showWarningMessage(message, show).then(async (answer) => {
    if (answer === show) await vscode.commands.executeCommand('assetlens.showDiagnostics');
  });
}

function warningOf(event: DeviceEvent, names: Readonly<Record<Provider, string>>): string | undefined {
  switch (event.kind) {
    case 'refused':
      return vscode.l10n.t(
        'The device "{0}" of the setting assetlens.device cannot be used: {1}. The processor embeds the images. Choose "auto", or see the diagnostics for what was tried.',
        event.setting,
        event.reason,
      );
    case 'lost':
      return vscode.l10n.t(
        '{0} failed, and the processor goes on until the window is reloaded; nothing is lost: {1}.',
        names[event.provider],
        event.reason,
      );
    case 'acquitted':
    case 'trying':
    case 'tried':
      return undefined;
  }
}
