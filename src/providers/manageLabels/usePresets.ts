import * as vscode from 'vscode';
import { percent } from '../../base/format.ts';
import { UserError } from '../../base/userError.ts';
import type { KindCounts, LabelPreset } from '../../library/index.ts';
import type { ImageFolder } from '../../workspace/folders/imageFolder.ts';
import type { LabelsStore } from './labelsStore.ts';

/**
 * Replaces the labels of a folder by those of presets.
 * @param asked names of presets; other values are ignored, and without a name the user chooses
 * @throws UserError if there is no folder
 */
export async function usePresets(store: LabelsStore, folder: ImageFolder | undefined, asked: unknown): Promise<void> {
  if (!folder) throw new UserError(vscode.l10n.t('Open a folder first. Labels apply to the images of a folder.'));
  const { LABEL_PRESETS } = await import('../../library/index.ts');
  const names: readonly unknown[] = Array.isArray(asked) ? asked : [];
  const named = LABEL_PRESETS.filter(({ name }) => names.includes(name));
  // In the order of the names: a label of several presets is in the first one.
  const presets = named.sort((a, b) => names.indexOf(a.name) - names.indexOf(b.name));
  const chosen = presets.length > 0 ? presets : await pickPresets(folder);
  if (chosen.length === 0) return;
  const message = vscode.l10n.t('The labels are now: {0}', chosen.map(presetTitle).join(', '));
  await store.usePresets(folder, chosen, message);
}

/** Lets the user choose presets. Those that fit the images are selected. */
async function pickPresets(folder: ImageFolder): Promise<LabelPreset[]> {
  const { countKinds, fittingPresets, LABEL_PRESETS } = await import('../../library/index.ts');
  const kinds: KindCounts = (await folder.hasIndex())
    ? await folder.withLibrary((library) => countKinds(library, folder.closed))
    : new Map();
  const fitting = fittingPresets(kinds);
  const all = [...kinds.values()].reduce((sum, count) => sum + count, 0);
  const items = LABEL_PRESETS.map((preset) => {
    const images = preset.kinds.reduce((sum, kind) => sum + (kinds.get(kind) ?? 0), 0);
    const share = all > 0 ? vscode.l10n.t('fits {0} of the images', percent(images / all)) : '';
    return { label: presetTitle(preset), description: share, picked: fitting.includes(preset), preset };
  });
  const picked = await vscode.window.showQuickPick(items, {
    canPickMany: true,
    title: vscode.l10n.t('Use Label Presets'),
    placeHolder: vscode.l10n.t('The labels of the selected presets replace the labels of this workspace'),
  });
  const chosen = (picked ?? []).map(({ preset }) => preset);
  return chosen.sort((a, b) => rank(fitting, a) - rank(fitting, b));
}

/** The presets that fit most images come first. */
function rank(fitting: readonly LabelPreset[], preset: LabelPreset): number {
  const at = fitting.indexOf(preset);
  return at < 0 ? fitting.length : at;
}

function presetTitle({ name }: LabelPreset): string {
  const titles: Readonly<Record<string, string>> = {
    'ui-icons': vscode.l10n.t('UI Icons'),
    'game-art': vscode.l10n.t('Game Art'),
    documentation: vscode.l10n.t('Documentation and Screenshots'),
    web: vscode.l10n.t('Web and Photos'),
    brand: vscode.l10n.t('Brand'),
  };
  return titles[name] ?? name;
}
