import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import { UserError } from '../../base/userError.ts';
import type { LabelPreset } from '../../library/index.ts';
import type { ImageFolder } from '../../workspace/folders/imageFolder.ts';
import { reportErrors } from '../../workspace/log.ts';
import type { Services } from '../../workspace/services.ts';
import { keys, SECTION } from '../../workspace/settings.ts';
import { countLabels, hasSet, isWrittenLabels, type WrittenLabels } from './labelsSetting.ts';
import { showMessage } from '../../workspace/messages.ts';

/** A value of the labels setting in the user, workspace or folder settings. */
interface TargetValue {
  readonly target: vscode.ConfigurationTarget;
  readonly value: unknown;
}

const DEFAULT_LABELS = 'models/labels/default.yaml';

/** Reads and writes the labels setting. */
export class LabelsStore {
  readonly #services: Services;
  /** The answer of the user to the question where to keep labels; it is not stored. */
  #chosen: vscode.ConfigurationTarget | undefined;

  constructor(services: Services) {
    this.#services = services;
  }

  /**
   * Changes the labels of a folder in the settings that contain them: of the folder, the workspace or the user. If no
   * settings contain labels, the default labels are copied first. The user chooses the target once per session.
   * @param set label set that decides which settings to change if several contain labels
   * @param message describes the change, beside an Undo button
   * @returns whether the change was written; false if the user chose no settings
   * @throws UserError if no label would remain
   */
  async change(
    folder: ImageFolder,
    set: string,
    message: string,
    edit: (value: WrittenLabels) => WrittenLabels,
  ): Promise<boolean> {
    const current = await this.#targetFor(folder, set);
    if (!current) return false;
    const { target, value } = current;
    const next = edit(isFilled(value) ? value : await this.#defaults());
    if (countLabels(next) === 0) {
      throw new UserError(
        vscode.l10n.t(
          'This is the last label. Add another label before you remove it. AssetLens uses the default labels when the list is empty.',
        ),
      );
    }
    await this.#write(folder, { target, before: value, after: next }, message);
    return true;
  }

  /**
   * Replaces the labels of a folder by the labels of presets, in the settings that contain labels, or else in those of
   * the workspace.
   * @param message describes the change, beside an Undo button
   */
  async usePresets(folder: ImageFolder, presets: readonly LabelPreset[], message: string): Promise<void> {
    const { readPresets } = await import('../../library/index.ts');
    const files = path.dirname(this.#services.context.asAbsolutePath(DEFAULT_LABELS));
    const after = await readPresets(files, presets);
    const known = valuesFor(folder).find(({ value }) => isFilled(value));
    // Restricted Mode ignores the labels of the workspace.
    const { Global, Workspace } = vscode.ConfigurationTarget;
    const target = known?.target ?? (vscode.workspace.isTrusted ? Workspace : Global);
    await this.#write(folder, { target, before: known?.value, after }, message);
  }

  /** Writes a change, and shows a message with an Undo button. */
  async #write(folder: ImageFolder, change: LabelsChange, message: string): Promise<void> {
    await write(folder, change.target, change.after);
    const button = vscode.l10n.t('Undo');
    // Not awaited: the change is made, and the message stays until the user closes it.
    void showMessage('information', message, button).then((answer) => {
      if (answer !== button) return;
      void reportErrors(this.#services.log, () => undoChange(folder, change));
    });
  }

  /** Opens the settings file that contains the labels of a folder. */
  async openSettings(folder: ImageFolder): Promise<void> {
    const [first] = valuesFor(folder).filter(({ value }) => isFilled(value));
    const file = {
      [vscode.ConfigurationTarget.Global]: 'openSettingsJson',
      [vscode.ConfigurationTarget.Workspace]: 'openWorkspaceSettingsFile',
      [vscode.ConfigurationTarget.WorkspaceFolder]: 'openFolderSettingsFile',
    }[first?.target ?? vscode.ConfigurationTarget.Global];
    const revealSetting = { key: `${SECTION}.${keys.labels}`, edit: false };
    await vscode.commands.executeCommand(`workbench.action.${file}`, { revealSetting });
  }

  async #targetFor(folder: ImageFolder, set: string): Promise<TargetValue | undefined> {
    const filled = valuesFor(folder).filter(({ value }) => isFilled(value));
    const withSet = filled.find(({ value }) => isWrittenLabels(value) && hasSet(value, set));
    const known = withSet ?? filled[0];
    if (known) return known;
    this.#chosen ??= await askTarget();
    return this.#chosen === undefined ? undefined : { target: this.#chosen, value: undefined };
  }

  async #defaults(): Promise<WrittenLabels> {
    const { readWrittenSets } = await import('../../library/index.ts');
    return readWrittenSets(this.#services.context.asAbsolutePath(DEFAULT_LABELS));
  }
}

/** A change of the labels setting. */
export interface LabelsChange {
  readonly target: vscode.ConfigurationTarget;
  /** Undefined if the setting was not set. */
  readonly before: unknown;
  readonly after: WrittenLabels;
}

/**
 * Restores the labels setting to its value before a change.
 * @throws UserError if the setting has changed since, because that change would be lost
 */
export async function undoChange(folder: ImageFolder, { target, before, after }: LabelsChange): Promise<void> {
  const now = valuesFor(folder).find((candidate) => candidate.target === target)?.value;
  if (!isDeepStrictEqual(asWritten(now), asWritten(after))) {
    throw new UserError(
      vscode.l10n.t(
        'The labels changed after this edit, so Undo would discard the later changes. Use "AssetLens: Manage Labels…" to change them back.',
      ),
    );
  }
  await write(folder, target, before);
}

/** Returns a value in the form in which the settings file contains it: without undefined properties. */
function asWritten(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

/** Returns the values of the setting that apply to a folder, the most specific first. */
function valuesFor({ uri }: ImageFolder): TargetValue[] {
  const inspected = vscode.workspace.getConfiguration(SECTION, uri).inspect<unknown>(keys.labels);
  const ofFolder = { target: vscode.ConfigurationTarget.WorkspaceFolder, value: inspected?.workspaceFolderValue };
  return [
    ...(hasWorkspaceFile() ? [ofFolder] : []), // without a workspace file, folder and workspace settings are the same
    { target: vscode.ConfigurationTarget.Workspace, value: inspected?.workspaceValue },
    { target: vscode.ConfigurationTarget.Global, value: inspected?.globalValue },
  ];
}

function hasWorkspaceFile(): boolean {
  return vscode.workspace.workspaceFile !== undefined;
}

function isFilled(value: unknown): value is WrittenLabels {
  return isWrittenLabels(value) && (Array.isArray(value) ? value.length > 0 : Object.keys(value).length > 0);
}

async function write(folder: ImageFolder, target: vscode.ConfigurationTarget, value: unknown): Promise<void> {
  await vscode.workspace.getConfiguration(SECTION, folder.uri).update(keys.labels, value, target);
}

async function askTarget(): Promise<vscode.ConfigurationTarget | undefined> {
  const { Global, Workspace, WorkspaceFolder } = vscode.ConfigurationTarget;
  const items = [
    ...(vscode.workspace.isTrusted
      ? [
          {
            label: vscode.l10n.t('This workspace'),
            description: vscode.l10n.t('shared with everyone who uses this workspace'),
            target: Workspace,
          },
        ]
      : []),
    ...(vscode.workspace.isTrusted && hasWorkspaceFile()
      ? [{ label: vscode.l10n.t('This folder of the workspace'), description: '', target: WorkspaceFolder }]
      : []),
    { label: vscode.l10n.t('All my workspaces'), description: vscode.l10n.t('your user settings'), target: Global },
  ];
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Select where to save your labels'),
    placeHolder: vscode.l10n.t('AssetLens copies the default labels there so that you can change them'),
    ignoreFocusOut: true,
  });
  return picked?.target;
}
