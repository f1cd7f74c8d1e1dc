import * as vscode from 'vscode';
import type { LabelSet } from '../../library/index.ts';
import { readSettings } from '../settings.ts';
import { defaultTemplates } from '../tags/defaultTemplates.ts';

const DEFAULT_LABELS = 'models/labels/default.yaml';

/**
 * Reads the label sets of a folder: those of its settings, or the default labels. The settings
 * of an untrusted workspace are ignored; see `capabilities` in package.json.
 * @throws UserError if the labels in the settings have mistakes
 */
export async function readLabelSets(context: vscode.ExtensionContext, folder: vscode.Uri): Promise<LabelSet[]> {
  const { checkLabels, readLabels } = await import('../../library/index.ts');
  const { labels } = readSettings(folder);
  const { sets } =
    labels === null
      ? await readLabels(context.asAbsolutePath(DEFAULT_LABELS))
      : checkLabels(asLabelsFile(labels), vscode.l10n.t('the setting assetlens.labels'));
  const templates = await defaultTemplates(folder);
  return sets.map((set) => ({ ...set, templates: set.templates ?? templates }));
}

/** The setting is a list of labels, or an object of label sets by name, which a labels file has under "sets". */
function asLabelsFile(labels: unknown): unknown {
  return Array.isArray(labels) ? labels : { sets: labels };
}
