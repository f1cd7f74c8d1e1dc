import { stat } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import { shared } from '../../base/shared.ts';
import { UserError } from '../../base/userError.ts';
import type { BundledModel, Inference, ModelFolder } from '../../clip/index.ts';
import { reportErrors, type Log } from '../log.ts';
import { keys, readSettings, SECTION } from '../settings.ts';
import type { EditorDevice } from './device.ts';
import { Inferences, type Lease } from './inferences.ts';
import { showMessage } from '../messages.ts';

/** A model that can be used, with its name. */
export interface NamedModel extends ModelFolder {
  readonly name: string;
}

/** The models of this window. */
export interface Models extends Disposable {
  readonly bundled: BundledModel;
  /** Returns the model of the setting. If it cannot be used, returns the bundled model and shows one message. */
  wanted(): Promise<NamedModel>;
  /** Lists all models that can be used, the bundled one first. */
  usable(): Promise<NamedModel[]>;
  /** Returns the encoders of a model, in a separate process, until the caller ends the lease. */
  lease(model: ModelFolder): Promise<Lease>;
  /** Returns the encoders of the wanted model, for single calls. */
  inference(): Promise<Inference>;
  /** Fires when another model is wanted, or when a model was added or removed. */
  readonly onDidChange: vscode.Event<void>;
  /** Call it after models were added or removed. */
  changed(): void;
  /** Ends all use of a model, runs `work`, which may remove it, and fires onDidChange. */
  without(name: string, work: () => Promise<void>): Promise<void>;
}

const BUNDLED = 'assetlens-icons';
const SETTING = `${SECTION}.${keys.model}`;

export class WindowModels implements Models {
  readonly bundled: BundledModel;
  readonly #log: Log;
  readonly #inferences: Inferences;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #subscriptions: vscode.Disposable;
  readonly #wanted = shared(() => this.#openWanted());
  /** The lease behind `inference`. */
  readonly #current = shared(async () => this.#inferences.lease(await this.#wanted.get()));
  /** Names of models that are being removed. */
  readonly #leaving = new Set<string>();
  /** The last reported problem. The same problem is reported only once. */
  #reportedProblem = '';
  readonly onDidChange = this.#changed.event;

  constructor(context: vscode.ExtensionContext, log: Log, device: EditorDevice) {
    this.bundled = { name: BUNDLED, folder: context.asAbsolutePath(`dist/models/${BUNDLED}`) };
    this.#log = log;
    this.#inferences = new Inferences(context, log, device);
    this.#subscriptions = vscode.Disposable.from(
      this.#changed,
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(SETTING)) this.changed();
      }),
      vscode.window.onDidChangeWindowState(({ focused }) => {
        if (focused) void reportErrors(log, () => this.#checkFolders());
      }),
    );
  }

  wanted(): Promise<NamedModel> {
    return this.#wanted.get();
  }

  async usable(): Promise<NamedModel[]> {
    const { installedModels, modelsFolder } = await import('../../clip/index.ts');
    const installed = await installedModels(modelsFolder(), this.bundled);
    return installed.flatMap(({ name, folder, manifest }) =>
      'problem' in manifest || this.#leaving.has(name) ? [] : [{ name, folder, manifest }],
    );
  }

  lease(model: ModelFolder): Promise<Lease> {
    return this.#inferences.lease(model);
  }

  async inference(): Promise<Inference> {
    return (await this.#current.get()).inference;
  }

  changed(): void {
    this.#wanted.forget();
    const before = this.#current.peek();
    this.#current.forget();
    void before?.then(
      (lease) => lease.end(),
      () => undefined, // the lease never began
    );
    this.#changed.fire();
  }

  async without(name: string, work: () => Promise<void>): Promise<void> {
    this.#leaving.add(name);
    try {
      this.changed();
      await this.#inferences.unused(await folderOf(name));
      await work();
    } finally {
      this.#leaving.delete(name);
      this.changed();
    }
  }

  dispose(): void {
    this.#subscriptions.dispose();
    this.#inferences.dispose();
  }

  async #openWanted(): Promise<NamedModel> {
    const { model: name } = readSettings();
    if (name === '' || name === BUNDLED || this.#leaving.has(name)) return this.#open(BUNDLED);
    try {
      const model = await this.#open(name);
      this.#reportedProblem = '';
      return model;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      if (this.#reportedProblem !== error.message) reportFallback(this.#log, name, error.message);
      this.#reportedProblem = error.message;
      return this.#open(BUNDLED);
    }
  }

  async #open(name: string): Promise<NamedModel> {
    const { openModelFolder } = await import('../../clip/index.ts');
    const folder = name === BUNDLED ? this.bundled.folder : await folderOf(name);
    return { name, ...(await openModelFolder(folder)) };
  }

  /** The command line may remove or install models while the window is open. */
  async #checkFolders(): Promise<void> {
    const before = await this.#wanted.peek();
    if (!before) return;
    const { model: name } = readSettings();
    const isReplaced = before.name === BUNDLED && name !== BUNDLED && name !== '';
    const isGone = !(await hasManifest(before.folder));
    if (isGone || (isReplaced && (await hasManifest(await folderOf(name))))) this.changed();
  }
}

/** @throws UserError if the name is not valid */
async function folderOf(name: string): Promise<string> {
  const { modelsFolder } = await import('../../clip/index.ts');
  if (/^\w[\w.-]*$/.test(name)) return path.join(modelsFolder(), name);
  throw new UserError(vscode.l10n.t('"{0}" is not a valid model name.', name));
}

function hasManifest(folder: string): Promise<boolean> {
  return stat(path.join(folder, 'manifest.json')).then(
    () => true,
    () => false,
  );
}

/** Shows a message that the chosen model cannot be used, with the replacement and the possible actions. */
function reportFallback(log: Log, name: string, reason: string): void {
  log.warn(reason);
  const choose = vscode.l10n.t('Choose Model…');
  const show = vscode.l10n.t('Show Log');
  const message = vscode.l10n.t(
    'AssetLens cannot use the model "{0}". The model was removed, is damaged, or belongs to another version. AssetLens uses the bundled model instead. Install "{0}" again or choose another model.',
    name,
  );
  void showMessage('warning', message, choose, show).then(async (answer) => {
    if (answer === choose) await vscode.commands.executeCommand('assetlens.chooseModel');
    if (answer === show) log.show();
  });
}
