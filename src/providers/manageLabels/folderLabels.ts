import type { Label } from '../../clip/index.ts';
import type { LabelSet } from '../../library/index.ts';
import type { ImageFolder } from '../../workspace/folders/imageFolder.ts';
import { readSettings } from '../../workspace/settings.ts';
import { defaultTemplates } from '../../workspace/tags/defaultTemplates.ts';
import type { Draft } from './matches.ts';

/** The labels of a folder and the settings that apply to them. */
export interface FolderLabels {
  readonly folder: ImageFolder;
  readonly sets: readonly LabelSet[];
  /** Templates for sets that define none. */
  readonly templates: readonly string[];
  /** Threshold for labels if neither the label nor its set defines one, 0 to 1. */
  readonly threshold: number;
}

/** @throws UserError that lists every mistake in the setting */
export async function readFolderLabels(folder: ImageFolder): Promise<FolderLabels> {
  const { threshold } = readSettings(folder.uri);
  return { folder, sets: await folder.labelSets(), templates: await defaultTemplates(folder.uri), threshold };
}

/** Returns a label with the templates and the threshold that apply to it in a set. The set may be new. */
export function draftOf({ sets, templates, threshold }: FolderLabels, set: string, label: Label): Draft {
  const found = sets.find(({ name }) => name === set);
  return {
    label,
    templates: found?.templates ?? templates,
    threshold: label.threshold ?? found?.threshold ?? threshold,
  };
}

/** Returns the set that contains a label of this name, ignoring case. */
export function setOfLabel({ sets }: FolderLabels, name: string): LabelSet | undefined {
  const wanted = name.toLowerCase();
  return sets.find(({ labels }) => labels.some((label) => label.name.toLowerCase() === wanted));
}
