import { stat } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { BundledModel, Inference, ModelFolder } from '../../clip/index.ts';
import { UserError } from '../../base/userError.ts';
import type { Disposable } from '../../base/disposable.ts';
import type { EditorDevice } from './device.ts';
import { createInferences, type Lease } from './inferences.ts';
import { reportErrors } from '../log.ts';
import { keys, readSettings, SECTION } from '../settings.ts';
import { shared } from '../../base/shared.ts';

/** A model that can be used, and what it is called here. */
export interface NamedModel extends ModelFolder {
  readonly name: string;
}

/** The models that this window works with. */
export interface Models extends Disposable {
  readonly bundled: BundledModel;
  /** That of the setting, or the bundled one; that one, too, where the other cannot be used, which is said once. */
  wanted(): Promise<NamedModel>;
  /** All that can be used now, the bundled one first. */
  usable(): Promise<NamedModel[]>;
  /** The encoders of a model in their own process, until whoever asked ends the lease. */
  lease(model: ModelFolder): Promise<Lease>;
  /** Those of the wanted model, for a call or two. */
  readonly inference: () => Promise<Inference>;
  /** Another model is wanted, or one came or went. */
  readonly onDidChange: vscode.Event<void>;
  /** Says that models came or went. */
  changed(): void;
  /** Takes a model from all who work with it, runs `work`, which may remove it, and says so. */
  readonly without: (name: string, work: () => Promise<void>) => Promise<void>;
}

const BUNDLED = 'assetlens-icons';
const SETTING = `${SECTION}.${keys.model}`;

export function createModels(
  context: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
  device: EditorDevice,
): Models {
  const bundled = { name: BUNDLED, folder: context.asAbsolutePath(`dist/models/${BUNDLED}`) };
  const onDidChange = new vscode.EventEmitter<void>();
  const inferences = createInferences(context, log, device);
  /** What was said already, so that it is not said again at each look. */
  let said = '';
  /** Models that go just now. */
  const leaving = new Set<string>();

  const open = async (name: string): Promise<NamedModel> => {
    const { openModelFolder } = await import('../../clip/index.ts');
    const folder = name === BUNDLED ? bundled.folder : await folderOf(name);
    return { name, ...(await openModelFolder(folder)) };
  };
  const wanted = shared(async (): Promise<NamedModel> => {
    const { model: name } = readSettings();
    if (name === '' || name === BUNDLED || leaving.has(name)) return open(BUNDLED);
    try {
      const found = await open(name);
      said = '';
      return found;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      if (said !== error.message) tellFallback(log, name, error.message);
      said = error.message;
      return open(BUNDLED);
    }
  });
  /** The lease of what `inference` hands out. */
  const current = shared(async () => inferences.lease(await wanted.get()));

  const changed = (): void => {
    wanted.forget();
    const before = current.peek();
    current.forget();
    void before?.then(
      (lease) => lease.end(),
      () => undefined, // it never began
    );
    onDidChange.fire();
  };

  /** A model can go while the window is open: by the command line, say. */
  const look = async (): Promise<void> => {
    const before = await wanted.peek();
    const isThere = before && (await hasManifest(before.folder));
    const isMissed = before?.name === BUNDLED && ![BUNDLED, ''].includes(readSettings().model);
    if (before && (!isThere || (isMissed && (await hasManifest(await folderOf(readSettings().model)))))) changed();
  };

  const subscriptions = vscode.Disposable.from(
    onDidChange,
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(SETTING)) changed();
    }),
    vscode.window.onDidChangeWindowState(({ focused }) => {
      if (focused) void reportErrors(log, look);
    }),
  );

  return {
    bundled,
    wanted: wanted.get,
    async usable() {
      const { installedModels, modelsFolder } = await import('../../clip/index.ts');
      const installed = await installedModels(modelsFolder(), bundled);
      return installed.flatMap(({ name, folder, manifest }) =>
        'problem' in manifest || leaving.has(name) ? [] : [{ name, folder, manifest }],
      );
    },
    lease: (model) => inferences.lease(model),
    inference: async () => (await current.get()).inference,
    onDidChange: onDidChange.event,
    changed,
    async without(name, work) {
      leaving.add(name);
      try {
        changed();
        await inferences.unused(await folderOf(name));
        await work();
      } finally {
        leaving.delete(name);
        changed();
      }
    },
    dispose() {
      subscriptions.dispose();
      inferences.dispose();
    },
  };
}

/** @throws UserError where no model may have that name */
async function folderOf(name: string): Promise<string> {
  const { modelsFolder } = await import('../../clip/index.ts');
  if (/^\w[\w.-]*$/.test(name)) return path.join(modelsFolder(), name);
  throw new UserError(vscode.l10n.t('No model can be called "{0}".', name));
}

function hasManifest(folder: string): Promise<boolean> {
  return stat(path.join(folder, 'manifest.json')).then(
    () => true,
    () => false,
  );
}

/** The chosen model cannot be used: said with what is used now, and what can be done. */
function tellFallback(log: vscode.LogOutputChannel, name: string, why: string): void {
  log.warn(why);
  const choose = vscode.l10n.t('Choose Model…');
  const show = vscode.l10n.t('Show Log');
  const message = vscode.l10n.t(
    'The model "{0}" cannot be used: it is not installed any more, damaged, or of another version. AssetLens uses the model that it comes with. Install "{0}" again, or choose another one.',
    name,
  );
  void vscode.window.showWarningMessage(message, choose, show).then(async (answer) => {
    if (answer === choose) await vscode.commands.executeCommand('assetlens.chooseModel');
    if (answer === show) log.show();
  });
}
