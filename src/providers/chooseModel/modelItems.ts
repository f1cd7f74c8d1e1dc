import * as vscode from 'vscode';
import { fileSize } from '../../base/format.ts';
import type { InstalledModel, RegisteredModel } from '../../clip/index.ts';
import { nameInList } from '../../workspace/shownText.ts';

/** The action of a row in the list. */
export type ModelChoice =
  | { readonly kind: 'use'; readonly name: string }
  | { readonly kind: 'add'; readonly model: RegisteredModel }
  | { readonly kind: 'addFromHub' }
  | { readonly kind: 'addFromFolder' };

export interface ModelItem extends vscode.QuickPickItem {
  /** Undefined for a separator, and for a model that cannot be used. */
  readonly choice?: ModelChoice;
  /** The model that the button of the row removes. */
  readonly removes?: string;
}

export interface ModelLists {
  readonly installed: readonly InstalledModel[];
  readonly recommended: readonly RegisteredModel[];
  /** Name of the model in use. */
  readonly inUse: string;
  readonly bundled: string;
}

/**
 * Returns the rows of the list: the installed models, the other recommended models, and the commands that add models.
 */
export function modelItems({ installed, recommended, inUse, bundled }: ModelLists): ModelItem[] {
  const names = new Set(installed.map(({ name }) => name));
  return [
    separator(vscode.l10n.t('Installed')),
    ...installed.map((model) => installedItem(model, inUse, bundled)),
    separator(vscode.l10n.t('Recommended')),
    ...recommended.filter(({ id }) => !names.has(id)).map(recommendedItem),
    separator(vscode.l10n.t('Others')),
    {
      label: vscode.l10n.t('$(cloud-download) Add a Model from the Hub…'),
      detail: vscode.l10n.t('Enter a repository: owner/name'),
      choice: { kind: 'addFromHub' },
      alwaysShow: true,
    },
    {
      label: vscode.l10n.t('$(folder) Add a Model from a Folder…'),
      detail: vscode.l10n.t('A safetensors checkpoint or ONNX graphs from another tool'),
      choice: { kind: 'addFromFolder' },
      alwaysShow: true,
    },
  ];
}

function separator(label: string): ModelItem {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

function installedItem({ name, manifest, bytes }: InstalledModel, inUse: string, bundled: string): ModelItem {
  const remove = { iconPath: new vscode.ThemeIcon('trash'), tooltip: vscode.l10n.t('Remove {0}', name) };
  const removal = name === bundled ? {} : { removes: name, buttons: [remove] };
  if ('problem' in manifest)
    return { label: `$(warning) ${nameInList(name)}`, detail: nameInList(manifest.problem), ...removal };
  const { embeddingSize, precision, licence } = manifest;
  const details = [
    vscode.l10n.t('{0} dimensions', embeddingSize),
    precision,
    vscode.l10n.t('licence {0}', nameInList(licence ?? vscode.l10n.t('not stated'))),
    fileSize(bytes),
  ];
  return {
    label: name === inUse ? `$(check) ${nameInList(name)}` : nameInList(name),
    description: [name === inUse ? vscode.l10n.t('in use') : '', name === bundled ? vscode.l10n.t('bundled') : '']
      .filter(Boolean)
      .join(', '),
    detail: [name === bundled ? bundledPurpose() : '', details.join(' · ')].filter(Boolean).join(' '),
    choice: { kind: 'use', name },
    ...removal,
  };
}

/** The purpose and the limits of the bundled model. */
function bundledPurpose(): string {
  return vscode.l10n.t(
    'For drawings, and everyday things in photos. Weak for scenes, people and screenshots; choose a larger model for them.',
  );
}

function recommendedItem(model: RegisteredModel): ModelItem {
  const { id, title, licence, accuracy, goodFor } = model;
  const facts = [
    vscode.l10n.t('{0} to download', fileSize(model.megabytes * 1e6)),
    licence,
    vscode.l10n.t('ImageNet {0} %', accuracy.toLocaleString()),
    title, // last, because the editor truncates long descriptions
  ];
  return { label: id, description: facts.join(' · '), detail: goodFor, choice: { kind: 'add', model } };
}
