import type { Tag } from '../../library/index.ts';
import { sortInSlices } from '../../base/sortInSlices.ts';
import type { Pause } from '../../base/timeSlices.ts';
import type { Arranged, Arrangement, Group } from '../protocol.ts';
import { filterImages, isTag, scoreOf, type Ranking } from './filterImages.ts';
import { folderKey, parentOf, type GalleryContent, type GalleryImage } from './galleryContent.ts';

/** Titles of groups, in the user's language. */
export interface GroupTitles {
  readonly likely: string;
  readonly lessLikely: string;
  readonly nothingStandsOut: string;
  readonly uncertain: string;
  readonly untagged: string;
  readonly workspaceFolder: string;
  readonly alike: string;
  readonly withoutLikeness: string;
}

export interface ArrangeOptions {
  readonly ranking: Ranking;
  /** Ids of images that look alike, the largest group first; asked for by the grouping of that name alone. */
  readonly likeness: readonly (readonly number[])[];
  readonly titles: GroupTitles;
  readonly pause: Pause;
}

/** A group, its members in the order they are shown in, and what each is sorted by. */
interface Section {
  readonly group: Omit<Group, 'count'>;
  readonly members: readonly GalleryImage[];
  readonly scoreOf: (one: GalleryImage) => number;
}

/** As people sort names: without case, "2" before "10". */
const { compare } = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** Filters, sorts and groups the images of a gallery; it never holds the thread for long. */
export async function arrangeImages(
  content: GalleryContent,
  arrangement: Arrangement,
  options: ArrangeOptions,
): Promise<Omit<Arranged, 'message'>> {
  const { ranking, pause } = options;
  const passing = await withoutNoise(await filterImages(content, arrangement, ranking, pause), ranking, pause);
  const scores = (one: GalleryImage): number => scoreOf(one, arrangement, ranking);
  const sorted = await sortImages(passing, arrangement, ranking, scores, pause);
  const sections = await sectionsOf(content, sorted, arrangement, scores, options);
  const count = sections.reduce((sum, { members }) => sum + members.length, 0);
  const order = new Uint32Array(count);
  const shown = new Float32Array(count);
  let at = 0;
  for (const { members, scoreOf: own } of sections) {
    for (const one of members) {
      order[at] = one.id;
      shown[at++] = own(one);
      if ((at & 255) === 0) await pause();
    }
  }
  const groups = sections.map(({ group, members }) => ({ ...group, count: members.length }));
  return { order, scores: shown, groups, total: content.images.length };
}

/** Of images that do not stand out of the noise of a query, how many of the best are shown besides. */
const BELOW_NOISE = 60;

/** After the filters: the best of one folder may be far down the list of all. */
async function withoutNoise(
  images: readonly GalleryImage[],
  ranking: Ranking,
  pause: Pause,
): Promise<readonly GalleryImage[]> {
  if (!ranking) return images;
  const isLikely = ({ id }: GalleryImage): boolean => ranking.get(id)?.likely === true;
  const unlikely = images.filter((one) => !isLikely(one));
  const best = await surestFirst(unlikely, ({ id }) => ranking.get(id)?.score ?? 0, pause);
  const kept = new Set(best.slice(0, BELOW_NOISE));
  return images.filter((one) => isLikely(one) || kept.has(one));
}

async function sortImages(
  images: readonly GalleryImage[],
  { order }: Arrangement,
  ranking: Ranking,
  scores: (one: GalleryImage) => number,
  pause: Pause,
): Promise<GalleryImage[]> {
  const likely = new Uint8Array(images.length);
  const values = new Float64Array(images.length);
  for (const [i, one] of images.entries()) {
    if ((i & 255) === 0) await pause();
    likely[i] = ranking?.get(one.id)?.likely === true ? 1 : 0;
    values[i] = valueOf(one, order, scores);
  }
  const byValue = order === 'best' || order === 'size' || order === 'pixels';
  const nameOf = (one: GalleryImage | undefined): string => {
    const path = one?.image.path ?? '';
    return order === 'name' ? path.slice(path.lastIndexOf('/') + 1) : path;
  };
  const by = (a: number, b: number): number => {
    const first = order === 'best' ? (likely[b] ?? 0) - (likely[a] ?? 0) : 0;
    const second = byValue ? (values[b] ?? 0) - (values[a] ?? 0) : compare(nameOf(images[a]), nameOf(images[b]));
    return first || second || a - b; // the content is by folder and path
  };
  const places = await sortInSlices(Uint32Array.from(images.keys()), by, pause);
  return Array.from(places, (place) => images[place]).filter((one) => one !== undefined);
}

function valueOf(one: GalleryImage, order: Arrangement['order'], scores: (one: GalleryImage) => number): number {
  const { bytes, width, height } = one.image;
  if (order === 'best') return scores(one);
  if (order === 'size') return bytes;
  return order === 'pixels' ? width * height : 0;
}

async function sectionsOf(
  content: GalleryContent,
  sorted: readonly GalleryImage[],
  arrangement: Arrangement,
  scores: (one: GalleryImage) => number,
  options: ArrangeOptions,
): Promise<Section[]> {
  switch (arrangement.group) {
    case 'none':
      return byLikelihood(sorted, arrangement, scores, options);
    case 'label':
      return byLabel(content, sorted, arrangement, options);
    case 'folder':
      return byFolder(content, sorted, scores, options);
    case 'likeness':
      return byLikeness(sorted, scores, options);
  }
}

/** All together; under a query, what stands out of its noise first. */
async function byLikelihood(
  sorted: readonly GalleryImage[],
  { order }: Arrangement,
  scores: (one: GalleryImage) => number,
  { ranking, titles, pause }: ArrangeOptions,
): Promise<Section[]> {
  const section = (key: string, title: string, members: readonly GalleryImage[]): Section => {
    return { group: { key, title, label: null }, members, scoreOf: scores };
  };
  if (!ranking || order !== 'best') return filled([section('all', '', sorted)]);
  const likely: GalleryImage[] = [];
  const rest: GalleryImage[] = [];
  for (const [i, one] of sorted.entries()) {
    if ((i & 255) === 0) await pause();
    (ranking.get(one.id)?.likely === true ? likely : rest).push(one);
  }
  const restTitle = likely.length > 0 ? titles.lessLikely : titles.nothingStandsOut;
  return filled([section('likely', titles.likely, likely), section('rest', restTitle, rest)]);
}

/** Every image under each of its labels; only the chosen labels where some are. */
async function byLabel(
  content: GalleryContent,
  sorted: readonly GalleryImage[],
  { labels, labelMode, order }: Arrangement,
  { ranking, titles, pause }: ArrangeOptions,
): Promise<Section[]> {
  const groups = new Map<string, { tag: Pick<Tag, 'set' | 'label'>; members: GalleryImage[] }>();
  const several = content.folders.some(({ labelSets }) => labelSets.length > 1);
  // In the order of the settings, what people added last.
  for (const { name, labels: own } of content.folders.flatMap(({ labelSets }) => labelSets)) {
    for (const { name: label } of own)
      groups.set(keyOf({ set: name, label }), { tag: { set: name, label }, members: [] });
  }
  const uncertain: GalleryImage[] = [];
  const untagged: GalleryImage[] = [];
  const isChosen = (tag: Tag): boolean =>
    labels.length === 0 || labelMode === 'none' || labels.some((label) => isTag(tag, label));
  for (const [i, one] of sorted.entries()) {
    if ((i & 255) === 0) await pause();
    const { tags, uncertain: guesses } = one.image;
    for (const tag of tags.filter(isChosen)) {
      const group = groups.get(keyOf(tag)) ?? { tag, members: [] };
      group.members.push(one);
      groups.set(keyOf(tag), group);
    }
    if (tags.length === 0) (guesses.length > 0 ? uncertain : untagged).push(one);
  }
  const sections: Section[] = [];
  for (const { tag, members } of groups.values()) {
    const ofLabel = ({ image }: GalleryImage): number => image.tags.find((own) => isTag(own, tag))?.score ?? 0;
    const title = several && tag.set !== '' ? `${tag.set}: ${tag.label}` : tag.label;
    const group = { key: keyOf(tag), title, label: { set: tag.set, label: tag.label } };
    // Under a query its order stands; else the surest of this label come first.
    const own = order === 'best' && !ranking ? await surestFirst(members, ofLabel, pause) : members;
    sections.push({ group, members: own, scoreOf: ofLabel });
  }
  const ofGuess = ({ image }: GalleryImage): number => image.uncertain[0]?.score ?? 0;
  const nearly = order === 'best' && !ranking ? await surestFirst(uncertain, ofGuess, pause) : uncertain;
  sections.push({
    group: { key: 'uncertain', title: titles.uncertain, label: null },
    members: nearly,
    scoreOf: ofGuess,
  });
  sections.push({
    group: { key: 'untagged', title: titles.untagged, label: null },
    members: untagged,
    scoreOf: () => NaN,
  });
  return filled(sections);
}

async function surestFirst(
  images: readonly GalleryImage[],
  scores: (one: GalleryImage) => number,
  pause: Pause,
): Promise<GalleryImage[]> {
  const values = Float32Array.from(images, scores);
  const by = (a: number, b: number): number => (values[b] ?? 0) - (values[a] ?? 0) || a - b;
  const places = await sortInSlices(Uint32Array.from(images.keys()), by, pause);
  return Array.from(places, (place) => images[place]).filter((one) => one !== undefined);
}

function keyOf({ set, label }: Pick<Tag, 'set' | 'label'>): string {
  return JSON.stringify([set, label]);
}

async function byFolder(
  { folders }: GalleryContent,
  sorted: readonly GalleryImage[],
  scores: (one: GalleryImage) => number,
  { titles, pause }: ArrangeOptions,
): Promise<Section[]> {
  const groups = new Map<string, { folder: number; path: string; members: GalleryImage[] }>();
  for (const [i, one] of sorted.entries()) {
    if ((i & 255) === 0) await pause();
    const path = parentOf(one.image.path);
    const key = folderKey(folders[one.folder]?.key ?? '', path);
    const group = groups.get(key) ?? { folder: one.folder, path, members: [] };
    group.members.push(one);
    groups.set(key, group);
  }
  const several = folders.length > 1;
  const ordered = [...groups].sort(([, a], [, b]) => a.folder - b.folder || compare(a.path, b.path));
  return ordered.map(([key, { folder, path, members }]) => {
    const name = several ? [folders[folder]?.name ?? '', path].filter(Boolean).join('/') : path;
    return { group: { key, title: name || titles.workspaceFolder, label: null }, members, scoreOf: scores };
  });
}

async function byLikeness(
  sorted: readonly GalleryImage[],
  scores: (one: GalleryImage) => number,
  { likeness, titles, pause }: ArrangeOptions,
): Promise<Section[]> {
  const groupOf = new Map<number, number>();
  for (const [group, ids] of likeness.entries()) {
    if ((group & 255) === 0) await pause();
    for (const id of ids) groupOf.set(id, group);
  }
  const sizes = new Uint32Array(likeness.length);
  for (const [i, { id }] of sorted.entries()) {
    if ((i & 255) === 0) await pause();
    const group = groupOf.get(id);
    if (group !== undefined) sizes[group] = (sizes[group] ?? 0) + 1;
  }
  const groups = likeness.map((): GalleryImage[] => []);
  const others: GalleryImage[] = [];
  for (const [i, one] of sorted.entries()) {
    if ((i & 255) === 0) await pause();
    const group = groupOf.get(one.id) ?? -1;
    // One that the filter left alone has its place among the others.
    ((sizes[group] ?? 0) > 1 ? (groups[group] ?? others) : others).push(one);
  }
  const alike = groups
    .filter(({ length }) => length > 0)
    .map((members): Section => {
      // By its first image: stays the same as long as that image is there.
      const key = `alike ${members[0]?.id ?? 0}`;
      return { group: { key, title: titles.alike, label: null }, members, scoreOf: scores };
    });
  const rest: Section = {
    group: { key: 'others', title: titles.withoutLikeness, label: null },
    members: others,
    scoreOf: scores,
  };
  return filled([...alike, rest]);
}

function filled(sections: readonly Section[]): Section[] {
  return sections.filter(({ members }) => members.length > 0);
}
