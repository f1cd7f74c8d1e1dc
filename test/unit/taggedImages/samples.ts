import type { Pause } from '../../../src/base/timeSlices.ts';
import type { Tag, TaggedImage } from '../../../src/library/index.ts';
import type { LabelGroup, LabelGroups } from '../../../src/taggedImages/labelGroups.ts';
import type { TaggedFolder, TaggedImages } from '../../../src/taggedImages/taggedImages.ts';

/** Never yields: for small collections. */
export const noPause: Pause = () => Promise.resolve();

/** Creates a tag of a set; a manual one if the score is 'manual'. */
export function tag(label: string, score: number | 'manual' = 0.5, set = 'things'): Tag {
  return { label, set, score: score === 'manual' ? 1 : score, manual: score === 'manual' };
}

export function taggedImage(path: string, tags: readonly Tag[] = [], maybe: readonly Tag[] = []): TaggedImage {
  return { path, tags, maybe, hash: path, width: 16, height: 16, format: 'png', bytes: 100 };
}

export function labelSet(name: string, ...labels: string[]): { name: string; labels: { name: string }[] } {
  return { name, labels: labels.map((label) => ({ name: label })) };
}

export function taggedFolder(part: Partial<TaggedFolder>): TaggedFolder {
  return { key: 'file:///w', name: 'w', labelSets: [], images: [], ...part };
}

export function pathsOf({ images }: Pick<TaggedImages, 'images'>, positions: Iterable<number>): string[] {
  return Array.from(positions, (position) => images[position]?.path ?? `no image ${position}`);
}

/** Lists the groups with images by a readable name, each with the paths of its images. */
export function outline(tagged: TaggedImages, groups: LabelGroups): Record<string, string[]> {
  const named: [string, LabelGroup][] = [
    ...groups.sets.flatMap(({ name, labels }) =>
      labels.map((group): [string, LabelGroup] => [`${name}/${group.label}`, group]),
    ),
    ...groups.addedManually.map((group): [string, LabelGroup] => [`manual/${group.label}`, group]),
    ['maybe', groups.maybe],
    ['untagged', groups.untagged],
  ];
  const entries = named.map(([name, { members }]): [string, string[]] => [name, pathsOf(tagged, members)]);
  return Object.fromEntries(entries.filter(([, paths]) => paths.length > 0));
}
