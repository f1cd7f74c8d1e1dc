import path from 'node:path';
import { templateSets } from '../../src/clip/index.ts';
import { checkLabels, readLabels, readPresets, type LabelPreset, type LabelSet } from '../../src/library/index.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../models/labels');

export async function defaultSets(): Promise<LabelSet[]> {
  const { sets } = await readLabels(path.join(FOLDER, 'default.yaml'));
  return sets.map((set) => ({ ...set, templates: set.templates ?? templateSets.icon }));
}

/** The label sets of presets, as the command that uses them writes them into the settings. */
export async function presetSets(presets: readonly LabelPreset[]): Promise<LabelSet[]> {
  if (presets.length === 0) return [];
  const { sets } = checkLabels({ sets: await readPresets(FOLDER, presets) }, 'the presets');
  return sets.map((set) => ({ ...set, templates: set.templates ?? templateSets.icon }));
}
