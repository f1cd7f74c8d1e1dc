import type { Failure, LabelSet, Tag, TaggedImage } from '../../library/index.ts';
import type { Pause } from '../../base/timeSlices.ts';

/** What one workspace folder gives to the tree. */
export interface FolderContent {
  /** By path. */
  readonly images: readonly TaggedImage[];
  readonly failures: readonly Failure[];
  readonly labelSets: readonly Pick<LabelSet, 'name' | 'labels'>[];
}

/** Images under one label, or under none. */
export interface ImageGroup {
  readonly kind: 'label' | 'uncertain' | 'untagged';
  /** Tells it from all other groups, and stays what it is when the images change. */
  readonly key: string;
  /** The name of the label set; empty where there is none. */
  readonly set: string;
  readonly label: string;
  /** Places in TagModel.images, ascending: by folder and path. */
  readonly members: Uint32Array;
}

export interface GroupSet {
  readonly name: string;
  readonly labels: readonly ImageGroup[];
}

export interface Problem extends Failure {
  /** Index of the folder. */
  readonly folder: number;
}

/** What the tree shows, whichever way it is sorted. Groups without images are left out. */
export interface TagModel {
  /** Of all folders, one after the other. */
  readonly images: readonly TaggedImage[];
  /** Where the images of each folder begin. */
  readonly starts: readonly number[];
  /** In the order of the settings. */
  readonly sets: readonly GroupSet[];
  /** How many label sets there are, those without images included. */
  readonly setCount: number;
  /** Labels that somebody gave and that are in no set. */
  readonly addedManually: readonly ImageGroup[];
  /** Images without a tag for which a label nearly holds. */
  readonly uncertain: ImageGroup;
  /** Images for which none does. */
  readonly untagged: ImageGroup;
  readonly problems: readonly Problem[];
}

/** The tag that an image stands under in a group: the best guess among uncertain images, none among untagged ones. */
export function tagIn(group: ImageGroup, image: TaggedImage): Tag | undefined {
  if (group.kind === 'uncertain') return image.uncertain[0];
  if (group.kind === 'untagged') return undefined;
  return image.tags.find(({ label, set }) => label === group.label && set === group.set);
}

/** Index of the folder that an image belongs to. */
export function folderOf({ starts }: Pick<TagModel, 'starts'>, place: number): number {
  return starts.findLastIndex((start) => start <= place);
}

/** Puts the images of all folders under their labels. */
export async function buildModel(contents: readonly FolderContent[], pause: Pause): Promise<TagModel> {
  const images: TaggedImage[] = [];
  const starts: number[] = [];
  const sets = new Map<string, Map<string, number[]>>();
  const manual = new Map<string, number[]>();
  const uncertain: number[] = [];
  const untagged: number[] = [];
  for (const { labelSets, images: ofFolder } of contents) {
    starts.push(images.length);
    for (const { name } of labelSets) if (!sets.has(name)) sets.set(name, new Map());
    const withoutSet = new Set(labelSets.filter(({ name }) => name === '').flatMap(namesOf));
    for (const image of ofFolder) {
      const place = images.push(image) - 1;
      for (const { label, set } of image.tags) {
        const labels = set === '' && !withoutSet.has(label) ? manual : sets.get(set);
        if (labels) append(labels, label, place);
      }
      if (image.tags.length === 0) (image.uncertain.length > 0 ? uncertain : untagged).push(place);
      if ((place & 255) === 0) await pause();
    }
  }
  return {
    images,
    starts,
    sets: [...sets]
      .map(([name, labels]) => ({ name, labels: groupsOf(labels, name, 'label') }))
      .filter(({ labels }) => labels.length > 0),
    setCount: sets.size,
    addedManually: groupsOf(manual, '', 'hand'),
    uncertain: { ...NO_LABEL, kind: 'uncertain', key: 'uncertain', members: Uint32Array.from(uncertain) },
    untagged: { ...NO_LABEL, kind: 'untagged', key: 'untagged', members: Uint32Array.from(untagged) },
    problems: contents.flatMap(({ failures }, folder) => failures.map((failure) => ({ ...failure, folder }))),
  };
}

const NO_LABEL = { set: '', label: '' };

function namesOf({ labels }: Pick<LabelSet, 'labels'>): string[] {
  return labels.map(({ name }) => name);
}

function append(labels: Map<string, number[]>, label: string, place: number): void {
  const places = labels.get(label);
  if (places) places.push(place);
  else labels.set(label, [place]);
}

function groupsOf(labels: ReadonlyMap<string, readonly number[]>, set: string, prefix: string): ImageGroup[] {
  return [...labels].map(([label, places]) => ({
    kind: 'label',
    key: JSON.stringify([prefix, set, label]),
    set,
    label,
    members: Uint32Array.from(places),
  }));
}
