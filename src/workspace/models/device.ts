import path from 'node:path';
import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import type { DeviceEvent, DeviceOptions, Inference, Provider } from '../../clip/index.ts';
import { reportErrors, type Log } from '../log.ts';
import { keys, readDevice, SECTION } from '../settings.ts';
import { showMessage } from '../messages.ts';

type ProviderNames = Readonly<Record<Provider, string>>;

/** The device on which images are embedded, for every model of this window. */
export interface EditorDevice extends Disposable {
  /** Returns the options for createInference. @param names names of the providers for users */
  options(names: ProviderNames): DeviceOptions;
  /** Notifies an inference of changes of the setting, until the result is disposed. */
  follow(inference: Inference): vscode.Disposable;
  /** Fires when a device was probed or has failed, and when the setting changes. */
  readonly onDidChange: vscode.Event<void>;
}

const PROBE = 'dist/probe.js';
/** Name of a folder in the extension's storage, which all windows share. */
const VERDICTS = 'devices';

export class WindowDevice implements EditorDevice {
  readonly #context: vscode.ExtensionContext;
  readonly #log: Log;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #inferences = new Set<Inference>();
  readonly #subscription: vscode.Disposable;
  /** Status bar message while a device is probed. */
  #probeMessage: vscode.Disposable | undefined;
  readonly onDidChange = this.#changed.event;

  constructor(context: vscode.ExtensionContext, log: Log) {
    this.#context = context;
    this.#log = log;
    this.#subscription = vscode.workspace.onDidChangeConfiguration((event) => {
      // The inference process reads these settings when it starts.
      const startup = [keys.device, keys.megapixels, keys.megabytes, keys.memory];
      if (startup.some((key) => event.affectsConfiguration(`${SECTION}.${key}`))) this.#applySetting();
    });
  }

  options(names: ProviderNames): DeviceOptions {
    return {
      setting: readDevice,
      folder: path.join(this.#context.globalStorageUri.fsPath, VERDICTS),
      probeScript: this.#context.asAbsolutePath(PROBE),
      version: String((this.#context.extension.packageJSON as { readonly version: unknown }).version),
      onEvent: (event) => {
        this.#report(event, names);
      },
    };
  }

  follow(inference: Inference): vscode.Disposable {
    this.#inferences.add(inference);
    return new vscode.Disposable(() => this.#inferences.delete(inference));
  }

  dispose(): void {
    for (const part of [this.#subscription, this.#changed, this.#probeMessage]) part?.dispose();
  }

  #report(event: DeviceEvent, names: ProviderNames): void {
    this.#probeMessage?.dispose();
    this.#probeMessage = undefined;
    if (event.kind === 'trying' && readDevice() !== 'auto') {
      this.#probeMessage = vscode.window.setStatusBarMessage(
        vscode.l10n.t('$(sync~spin) AssetLens is testing {0}', names[event.provider]),
      );
    }
    const warning = warningOf(event, names);
    if (warning !== undefined) {
      this.#log.warn(warning);
      // A message only for a device that the user has chosen; the status bar shows the rest.
      if (event.kind === 'refused') showWithDiagnostics(warning);
    }
    if (event.kind === 'acquitted') {
      this.#log.info(`${names[event.provider]} did not fail: an image ended the process.`);
    }
    this.#changed.fire();
  }

  #applySetting(): void {
    for (const inference of this.#inferences) void reportErrors(this.#log, () => this.#applySettingTo(inference));
    this.#changed.fire();
  }

  async #applySettingTo(inference: Inference): Promise<void> {
    await inference.deviceChanged();
    // Starts the process, so that a message about an unusable GPU appears now.
    const isGpuRequested = !['auto', 'cpu'].includes(readDevice());
    if (isGpuRequested && this.#inferences.has(inference)) await inference.describe();
  }
}

function showWithDiagnostics(message: string): void {
  const show = vscode.l10n.t('Show Diagnostics');
  void showMessage('warning', message, show).then(async (answer) => {
    if (answer === show) await vscode.commands.executeCommand('assetlens.showDiagnostics');
  });
}

function warningOf(event: DeviceEvent, names: ProviderNames): string | undefined {
  switch (event.kind) {
    case 'refused':
      return vscode.l10n.t(
        'AssetLens cannot use the device "{0}" of the setting assetlens.device: {1}. AssetLens uses the CPU. Choose "auto" or see the diagnostics for the test results.',
        event.setting,
        event.reason,
      );
    case 'lost':
      return vscode.l10n.t(
        '{0} failed ({1}). AssetLens uses the CPU until you reload the window. No data is lost.',
        names[event.provider],
        event.reason,
      );
    case 'acquitted':
    case 'trying':
    case 'tried':
      return undefined;
  }
}
