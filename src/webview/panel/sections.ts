import { filterInSlices, forEachInSlices, type Pause } from '../../base/timeSlices.ts';
import {
  groupByFolder,
  groupByLabel,
  imageAt,
  isSameLabel,
  scoreIn,
  sortImages,
  type LabelGroup,
  type TaggedImages,
} from '../../taggedImages/index.ts';
import type { Arrangement, Group } from '../protocol.ts';
import { folderTitle, type GalleryContent } from './galleryContent.ts';
import { splitByLikelihood, type Ranking } from './ranking.ts';

/** Titles of groups in the language of the user. */
export interface GroupTitles {
  readonly likely: string;
  readonly lessLikely: string;
  readonly nothingStandsOut: string;
  readonly maybe: string;
  readonly untagged: string;
  readonly workspaceFolder: string;
  readonly alike: string;
  readonly withoutLikeness: string;
}

/** A group of the gallery. */
export interface Section {
  readonly group: Omit<Group, 'count'>;
  /** Positions of the images in the order of the gallery. */
  readonly members: Uint32Array;
  /** Score that an image is shown with in this group; NaN for none. */
  readonly scoreAt: (position: number) => number;
}

export interface SectionOptions {
  readonly arrangement: Arrangement;
  readonly ranking: Ranking | null;
  readonly likeness: readonly (readonly number[])[];
  readonly titles: GroupTitles;
  /** Score that the images are sorted by. */
  readonly scoreAt: (position: number) => number;
  readonly pause: Pause;
}

/**
 * Splits sorted images into the groups of an arrangement. Groups without images are skipped.
 * @param sorted positions; groups keep this order
 */
export async function sectionsOf(
  content: GalleryContent,
  sorted: Uint32Array,
  options: SectionOptions,
): Promise<Section[]> {
  const sections = await allSections(content, sorted, options);
  return sections.filter(({ members }) => members.length > 0);
}

async function allSections(content: GalleryContent, sorted: Uint32Array, options: SectionOptions): Promise<Section[]> {
  switch (options.arrangement.group) {
    case 'none':
      return likelihoodSections(sorted, options);
    case 'label':
      return labelSections(content, sorted, options);
    case 'folder':
      return folderSections(content, sorted, options);
    case 'likeness':
      return likenessSections(content, sorted, options);
  }
}

function section(key: string, title: string, members: Uint32Array, { scoreAt }: SectionOptions): Section {
  return { group: { key, title, label: null }, members, scoreAt };
}

/** One group; for a query that is sorted by score, a group of likely images and a group of the others. */
async function likelihoodSections(sorted: Uint32Array, options: SectionOptions): Promise<Section[]> {
  const { arrangement, ranking, titles, pause } = options;
  if (!ranking || arrangement.order !== 'best') return [section('all', '', sorted, options)];
  const { likely, rest } = await splitByLikelihood(sorted, ranking, pause);
  const restTitle = likely.length > 0 ? titles.lessLikely : titles.nothingStandsOut;
  return [section('likely', titles.likely, likely, options), section('rest', restTitle, rest, options)];
}

/**
 * A group for each label, or for each label that the filter asks for. An image occurs in the group of each of its
 * labels.
 */
async function labelSections(content: TaggedImages, sorted: Uint32Array, options: SectionOptions): Promise<Section[]> {
  const { arrangement, ranking, titles, pause } = options;
  const { labels, labelMode, order } = arrangement;
  const groups = await groupByLabel(content, sorted, pause);
  const isWanted = (group: LabelGroup): boolean =>
    labels.length === 0 || labelMode === 'none' || labels.some((label) => isSameLabel(label, group));
  const titleOf = ({ kind, set, label }: LabelGroup): string => {
    if (kind !== 'label') return titles[kind];
    return groups.setCount > 1 && set !== '' ? `${set}: ${label}` : label;
  };
  const labelGroups = [...groups.sets.flatMap((set) => set.labels), ...groups.addedManually].filter(isWanted);
  const sections: Section[] = [];
  for (const group of [...labelGroups, groups.maybe, groups.untagged]) {
    const { kind, key, set, label } = group;
    const scoreAt = (position: number): number => scoreIn(group, imageAt(content, position));
    // Without a query, "best" means the images with the highest scores of this label.
    const byScore = order === 'best' && !ranking;
    sections.push({
      group: { key, title: titleOf(group), label: kind === 'label' ? { set, label } : null },
      members: byScore ? await sortImages(content, group.members, 'score', { scoreAt, pause }) : group.members,
      scoreAt,
    });
  }
  return sections;
}

async function folderSections(content: TaggedImages, sorted: Uint32Array, options: SectionOptions): Promise<Section[]> {
  const groups = await groupByFolder(content, sorted, options.pause);
  return groups.map(({ key, folder, path, members }) => {
    const title = folderTitle(content, folder, path) || options.titles.workspaceFolder;
    return section(key, title, members, options);
  });
}

/** A group for each set of images that look alike, and a group of the other images. */
async function likenessSections(
  { ids }: GalleryContent,
  sorted: Uint32Array,
  options: SectionOptions,
): Promise<Section[]> {
  const { likeness, titles, pause } = options;
  const groupOf = new Map<number, number>();
  const assign = (positions: readonly number[], group: number): void => {
    for (const position of positions) groupOf.set(position, group);
  };
  await forEachInSlices(likeness, assign, pause);
  const groups = likeness.map((): number[] => []);
  const add = (position: number): void => {
    const group = groupOf.get(position);
    if (group !== undefined) groups[group]?.push(position);
  };
  await forEachInSlices(sorted, add, pause);
  // If the filter removed all similar images, the image belongs to the others, which keep their order.
  const isOther = (position: number): boolean => (groups[groupOf.get(position) ?? -1]?.length ?? 0) < 2;
  const others = await filterInSlices(sorted, isOther, pause);
  const alike = groups.filter(({ length }) => length > 1);
  return [
    // The key is stable for as long as the first image of the group is.
    ...alike.map((members) => {
      const key = `alike ${ids[members[0] ?? 0] ?? 0}`;
      return section(key, titles.alike, Uint32Array.from(members), options);
    }),
    section('others', titles.withoutLikeness, others, options),
  ];
}
