import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { KindCounts, PictureKind } from './pictureKinds.ts';
import { parseLabels } from './labelsFile.ts';

/** A label set file that ships with AssetLens, for one kind of content. */
export interface LabelPreset {
  /** Name on the command line; the file is `<name>.yaml` beside the default labels. */
  readonly name: string;
  /** Describes the content, in English. */
  readonly content: string;
  /** Kinds of pictures that the labels are made for. */
  readonly kinds: readonly PictureKind[];
  /**
   * Further kinds that the labels also fit. They count only beside pictures of `kinds`, because others have them, too.
   */
  readonly alsoFits?: readonly PictureKind[];
}

export const LABEL_PRESETS: readonly LabelPreset[] = [
  { name: 'ui-icons', content: 'icons of user interfaces', kinds: ['icon'] },
  { name: 'game-art', content: 'game art: characters, items, tiles, textures', kinds: ['sprite', 'texture'] },
  { name: 'documentation', content: 'documentation: screenshots and diagrams', kinds: ['screenshot', 'diagram'] },
  { name: 'web', content: 'websites and apps: photos and illustrations', kinds: ['photo'], alsoFits: ['illustration'] },
  { name: 'brand', content: 'brands: logos and badges', kinds: ['logo'] },
];

/** Minimum share of the images that a preset is proposed for. */
const LEAST_SHARE = 0.25;
/** Minimum share of the images of its own kinds from which the further kinds of a preset count. */
const LEAST_OWN_SHARE = 0.1;

/** Returns the presets that fit the pictures of a folder, the one for the most pictures first. */
export function fittingPresets(counts: KindCounts): LabelPreset[] {
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (all === 0) return [];
  const shareOf = (kinds: readonly PictureKind[]): number =>
    kinds.reduce((sum, kind) => sum + (counts.get(kind) ?? 0), 0) / all;
  const shareFor = ({ kinds, alsoFits = [] }: LabelPreset): number => {
    const own = shareOf(kinds);
    return own >= LEAST_OWN_SHARE ? own + shareOf(alsoFits) : own;
  };
  return LABEL_PRESETS.filter((preset) => shareFor(preset) >= LEAST_SHARE).sort((a, b) => shareFor(b) - shareFor(a));
}

/** Returns the file of a preset. @param folder folder of the default labels */
export function presetFile(folder: string, { name }: LabelPreset): string {
  return path.join(folder, `${name}.yaml`);
}

/**
 * Reads the label sets of some presets in the form in which a setting has them. A label of several presets is only in
 * the first one.
 * @param folder folder of the default labels
 */
export async function readPresets(folder: string, presets: readonly LabelPreset[]): Promise<Record<string, unknown>> {
  const sets: Record<string, unknown> = {};
  const known = new Set<string>();
  for (const preset of presets) {
    for (const [name, set] of Object.entries(await readSets(presetFile(folder, preset)))) {
      const labels = set.labels.filter((label) => !known.has(labelName(label)));
      for (const label of labels) known.add(labelName(label));
      if (labels.length > 0) sets[nameOfSet(sets, name, preset)] = { ...set, labels };
    }
  }
  return sets;
}

interface PresetSet {
  readonly labels: readonly (string | { readonly name: string })[];
}

async function readSets(file: string): Promise<Record<string, PresetSet>> {
  const content = await readFile(file, 'utf8');
  await parseLabels(content, file);
  const { parseYaml } = await import('./parseYaml.ts');
  // parseLabels has checked the shape. In presets, a set is an object with labels; a unit test checks it.
  return (parseYaml(content).toJavaScript() as { sets: Record<string, PresetSet> }).sets;
}

function labelName(label: PresetSet['labels'][number]): string {
  return typeof label === 'string' ? label : label.name;
}

/** Two presets may have a set of the same name. */
function nameOfSet(sets: Readonly<Record<string, unknown>>, name: string, preset: LabelPreset): string {
  return Object.hasOwn(sets, name) ? `${name} (${preset.name})` : name;
}
