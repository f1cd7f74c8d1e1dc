import type { Label } from '../../clip/index.ts';
import type { LabelSet } from '../../library/index.ts';
import type { ImageFolder } from '../../workspace/folders/imageFolders.ts';
import { readSettings } from '../../workspace/settings.ts';
import type { Draft } from './matches.ts';

/** The labels of a folder as they are now. */
export interface FolderLabels {
  readonly folder: ImageFolder;
  readonly sets: readonly LabelSet[];
  /** For sets that have none of their own. */
  readonly templates: readonly string[];
  /** For labels that have none, nor their sets, 0 to 1. */
  readonly threshold: number;
}

/** @throws UserError that names every mistake in the setting */
export async function readFolderLabels(folder: ImageFolder): Promise<FolderLabels> {
  const { isTemplateSet, templateSets } = await import('../../clip/index.ts');
  const { templates, threshold } = readSettings(folder.uri);
  const named = typeof templates === 'string' && isTemplateSet(templates) ? templateSets[templates] : [];
  const list = typeof templates === 'string' ? named : templates;
  const standard = list.length > 0 ? list : templateSets.icon;
  return { folder, sets: await folder.labelSets(), templates: standard, threshold };
}

/** A label as it would be scored in a set, which may be new. */
export function draftOf({ sets, templates, threshold }: FolderLabels, set: string, label: Label): Draft {
  const found = sets.find(({ name }) => name === set);
  const least = label.threshold ?? found?.threshold ?? threshold;
  return { label, templates: found?.templates ?? templates, threshold: least };
}

/** The set that has a label of this name, whatever its case. */
export function setOfLabel({ sets }: FolderLabels, name: string): LabelSet | undefined {
  const wanted = name.toLowerCase();
  return sets.find(({ labels }) => labels.some((label) => label.name.toLowerCase() === wanted));
}
