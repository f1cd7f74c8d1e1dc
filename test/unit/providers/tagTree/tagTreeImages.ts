import type { Tag, TaggedImage } from '../../../../src/library/index.ts';

/** A tag of a set; by hand where the score is 'hand'. */
export function tag(label: string, score: number | 'hand' = 0.5, set = 'things'): Tag {
  return { label, set, score: score === 'hand' ? 1 : score, manual: score === 'hand' };
}

export function taggedImage(path: string, tags: readonly Tag[] = [], uncertain: readonly Tag[] = []): TaggedImage {
  return { path, tags, uncertain, hash: path, width: 16, height: 16, format: 'png', bytes: 100 };
}

export function labelSet(name: string, ...labels: string[]): { name: string; labels: { name: string }[] } {
  return { name, labels: labels.map((label) => ({ name: label })) };
}
