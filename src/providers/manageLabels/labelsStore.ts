import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import { UserError } from '../../base/userError.ts';
import type { ImageFolder } from '../../workspace/folders/imageFolders.ts';
import { reportErrors } from '../../workspace/log.ts';
import type { Services } from '../../workspace/services.ts';
import { keys, SECTION } from '../../workspace/settings.ts';
import { countLabels, hasSet, isWrittenLabels, type WrittenLabels } from './labelsSetting.ts';

/** Where labels are written. */
export interface LabelsStore {
  /**
   * Changes the labels of a folder where they are written: in the folder's settings, the workspace's or the user's. Where none has
   * any, the default labels are copied first, so that nothing vanishes, to where the user says (once).
   * @param set whose place decides, where several settings have sets
   * @param message says what was done, beside a button that takes it back
   * @returns whether it was written; false where the user did not say where
   * @throws UserError where no label would be left
   */
  change(
    folder: ImageFolder,
    set: string,
    message: string,
    edit: (value: WrittenLabels) => WrittenLabels,
  ): Promise<boolean>;
  /** Opens the settings file that holds the labels of a folder. */
  openSettings(folder: ImageFolder): Promise<void>;
}

interface Place {
  readonly target: vscode.ConfigurationTarget;
  readonly value: unknown;
}

const DEFAULT = 'models/labels/default.yaml';

export function createLabelsStore(services: Services): LabelsStore {
  /** What the user answered, until the window closes. */
  let chosen: vscode.ConfigurationTarget | undefined;

  const home = async (folder: ImageFolder, set: string): Promise<Place | undefined> => {
    const filled = places(folder).filter(({ value }) => isFilled(value));
    const withSet = filled.find(({ value }) => isWrittenLabels(value) && hasSet(value, set));
    const known = withSet ?? filled[0];
    if (known) return known;
    chosen ??= await askTarget();
    return chosen === undefined ? undefined : { target: chosen, value: undefined };
  };

  return {
    async change(folder, set, message, edit) {
      const place = await home(folder, set);
      if (!place) return false;
      const { target, value } = place;
      const next = edit(isFilled(value) ? value : await defaults(services));
      if (countLabels(next) === 0) {
        throw new UserError(
          vscode.l10n.t(
            'This is the last label. Add another before you remove it: without any, the default labels count.',
          ),
        );
      }
      await write(folder, target, next);
      const undo = vscode.l10n.t('Undo');
      // Not awaited: the change is made, and the message stays for as long as the user likes.
      void vscode.window.showInformationMessage(message, undo).then((answer) => {
        if (answer === undo)
          void reportErrors(services.log, () => takeBack(folder, { target, before: value, after: next }));
      });
      return true;
    },
    async openSettings(folder) {
      const [first] = places(folder).filter(({ value }) => isFilled(value));
      const file = {
        [vscode.ConfigurationTarget.Global]: 'openSettingsJson',
        [vscode.ConfigurationTarget.Workspace]: 'openWorkspaceSettingsFile',
        [vscode.ConfigurationTarget.WorkspaceFolder]: 'openFolderSettingsFile',
      }[first?.target ?? vscode.ConfigurationTarget.Global];
      const revealSetting = { key: `${SECTION}.${keys.labels}`, edit: false };
      await vscode.commands.executeCommand(`workbench.action.${file}`, { revealSetting });
    },
  };
}

/** A change of the labels at a place. */
export interface LabelsChange {
  readonly target: vscode.ConfigurationTarget;
  /** Undefined: there was no setting. */
  readonly before: unknown;
  readonly after: WrittenLabels;
}

/**
 * Puts back what was there before a change.
 * @throws UserError where something else is there by now, which would be lost
 */
export async function takeBack(folder: ImageFolder, { target, before, after }: LabelsChange): Promise<void> {
  const now = places(folder).find((place) => place.target === target)?.value;
  if (!isDeepStrictEqual(asWritten(now), asWritten(after))) {
    throw new UserError(
      vscode.l10n.t(
        'The labels were changed again since then, and Undo would throw that away. Change them back with "AssetLens: Manage Labels…".',
      ),
    );
  }
  await write(folder, target, before);
}

/** As the settings file has it: without properties that are undefined. */
function asWritten(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

/** The settings that a folder follows, the nearest first. */
function places({ uri }: ImageFolder): Place[] {
  const inspected = vscode.workspace.getConfiguration(SECTION, uri).inspect<unknown>(keys.labels);
  const nearest = { target: vscode.ConfigurationTarget.WorkspaceFolder, value: inspected?.workspaceFolderValue };
  return [
    ...(severalFolders() ? [nearest] : []), // in a window of one folder, its settings are the workspace's
    { target: vscode.ConfigurationTarget.Workspace, value: inspected?.workspaceValue },
    { target: vscode.ConfigurationTarget.Global, value: inspected?.globalValue },
  ];
}

function severalFolders(): boolean {
  return vscode.workspace.workspaceFile !== undefined;
}

function isFilled(value: unknown): value is WrittenLabels {
  return isWrittenLabels(value) && (Array.isArray(value) ? value.length > 0 : Object.keys(value).length > 0);
}

async function write(folder: ImageFolder, target: vscode.ConfigurationTarget, value: unknown): Promise<void> {
  await vscode.workspace.getConfiguration(SECTION, folder.uri).update(keys.labels, value, target);
}

async function defaults({ context }: Services): Promise<WrittenLabels> {
  const { readWrittenSets } = await import('../../library/index.ts');
  return readWrittenSets(context.asAbsolutePath(DEFAULT));
}

async function askTarget(): Promise<vscode.ConfigurationTarget | undefined> {
  const { Global, Workspace, WorkspaceFolder } = vscode.ConfigurationTarget;
  const items = [
    ...(vscode.workspace.isTrusted
      ? [
          {
            label: vscode.l10n.t('This workspace'),
            description: vscode.l10n.t('shared with all who work in it'),
            target: Workspace,
          },
        ]
      : []),
    ...(vscode.workspace.isTrusted && severalFolders()
      ? [{ label: vscode.l10n.t('This folder of the workspace'), description: '', target: WorkspaceFolder }]
      : []),
    { label: vscode.l10n.t('All my workspaces'), description: vscode.l10n.t('your user settings'), target: Global },
  ];
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Where should your labels be kept?'),
    placeHolder: vscode.l10n.t('The default labels are copied there, to be changed'),
    ignoreFocusOut: true,
  });
  return picked?.target;
}
