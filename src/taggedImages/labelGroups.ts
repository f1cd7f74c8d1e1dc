import { forEachInSlices, type Pause } from '../base/timeSlices.ts';
import type { LabelSet, Tag, TaggedImage } from '../library/index.ts';
import { folderIndexOf, imageAt, type TaggedImages } from './taggedImages.ts';

/** Names a label of a label set. Labels of different sets may have the same name. */
export interface LabelName {
  /** Name of the label set; empty for a label that belongs to no set. */
  readonly set: string;
  readonly label: string;
}

/** The images with one label, or the images without a tag. */
export interface LabelGroup extends LabelName {
  readonly kind: 'label' | 'maybe' | 'untagged';
  /** Unique among the groups, and stable when images change. */
  readonly key: string;
  /** Positions of the images. */
  readonly members: Uint32Array;
}

/** The groups of one label set. */
export interface GroupSet {
  readonly name: string;
  readonly labels: readonly LabelGroup[];
}

/**
 * Images grouped by label. An image is in the group of each of its labels. Labels without images have no group.
 */
export interface LabelGroups {
  /** Label sets and their labels in the order of the settings. */
  readonly sets: readonly GroupSet[];
  /** Number of label sets, including those without images. */
  readonly setCount: number;
  /** Manual labels that belong to no label set. */
  readonly addedManually: readonly LabelGroup[];
  /** Images without a tag that have maybe labels. */
  readonly maybe: LabelGroup;
  /** Images without a tag or a maybe label. */
  readonly untagged: LabelGroup;
}

/** The state of an image: it has tags, only maybe labels, or neither. */
export function taggingOf({ tags, maybe }: TaggedImage): 'tagged' | 'maybe' | 'untagged' {
  if (tags.length > 0) return 'tagged';
  return maybe.length > 0 ? 'maybe' : 'untagged';
}

export function isSameLabel(a: LabelName, b: LabelName): boolean {
  return a.label === b.label && a.set === b.set;
}

/**
 * Returns the tag of an image that belongs to a group: its best maybe label in the maybe group, none if
 * untagged.
 */
export function tagIn(group: LabelGroup, image: TaggedImage): Tag | undefined {
  switch (group.kind) {
    case 'label':
      return image.tags.find((tag) => isSameLabel(tag, group));
    case 'maybe':
      return image.maybe[0];
    case 'untagged':
      return undefined;
  }
}

/** Returns the score of the tag that belongs to a group; NaN if there is none. */
export function scoreIn(group: LabelGroup, image: TaggedImage): number {
  return tagIn(group, image)?.score ?? NaN;
}

/**
 * Groups images by label.
 * @param positions the images to group; members of the groups keep this order
 */
export async function groupByLabel(tagged: TaggedImages, positions: Uint32Array, pause: Pause): Promise<LabelGroups> {
  const sets = new Map<string, Map<string, number[]>>();
  for (const { name, labels } of tagged.folders.flatMap(({ labelSets }) => labelSets)) {
    const members = sets.get(name) ?? new Map<string, number[]>();
    sets.set(name, members);
    for (const label of labels) if (!members.has(label.name)) members.set(label.name, []);
  }
  // A label of a set without a name looks like a manual label; the settings of the folder distinguish them.
  const unnamed = tagged.folders.map(
    ({ labelSets }) => new Set(labelSets.filter(({ name }) => name === '').flatMap(namesOf)),
  );
  const manual = new Map<string, number[]>();
  const rest: Record<'maybe' | 'untagged', number[]> = { maybe: [], untagged: [] };
  const add = (position: number): void => {
    const image = imageAt(tagged, position);
    const labelsWithoutSet = unnamed[folderIndexOf(tagged, position)];
    for (const { label, set } of image.tags) {
      const members = set === '' && labelsWithoutSet?.has(label) !== true ? manual : sets.get(set);
      if (members) append(members, label, position);
    }
    const tagging = taggingOf(image);
    if (tagging !== 'tagged') rest[tagging].push(position);
  };
  await forEachInSlices(positions, add, pause);
  const groupSets: GroupSet[] = [];
  for (const [name, members] of sets) {
    const labels = await labelGroups(members, name, 'label', pause);
    if (labels.length > 0) groupSets.push({ name, labels });
  }
  return {
    sets: groupSets,
    setCount: sets.size,
    addedManually: await labelGroups(manual, '', 'manual', pause),
    maybe: groupWithoutLabel('maybe', rest.maybe),
    untagged: groupWithoutLabel('untagged', rest.untagged),
  };
}

function namesOf({ labels }: Pick<LabelSet, 'labels'>): string[] {
  return labels.map(({ name }) => name);
}

function append(members: Map<string, number[]>, label: string, position: number): void {
  const positions = members.get(label);
  if (positions) positions.push(position);
  else members.set(label, [position]);
}

async function labelGroups(
  members: ReadonlyMap<string, readonly number[]>,
  set: string,
  prefix: 'label' | 'manual',
  pause: Pause,
): Promise<LabelGroup[]> {
  const groups: LabelGroup[] = [];
  for (const [label, positions] of members) {
    if (positions.length === 0) continue;
    const key = JSON.stringify([prefix, set, label]);
    groups.push({ kind: 'label', key, set, label, members: Uint32Array.from(positions) });
    await pause();
  }
  return groups;
}

function groupWithoutLabel(kind: 'maybe' | 'untagged', positions: readonly number[]): LabelGroup {
  return { kind, key: kind, set: '', label: '', members: Uint32Array.from(positions) };
}
