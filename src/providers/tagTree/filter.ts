import type { ImageGroup, TagModel } from './tagModel.ts';
import type { Pause } from '../../base/timeSlices.ts';

/** Words beyond these are not looked at: each is one bit of a mask. */
const MOST_WORDS = 31;

/**
 * What is left of a model when each word of a filter must be in an image's path, or in the label (or label set) that the image
 * stands under. A word with * ? [ or { is a glob of the path. Case does not matter.
 */
export async function filterModel(model: TagModel, filter: string, pause: Pause): Promise<TagModel> {
  const words = folded(filter).trim().split(/\s+/).filter(Boolean).slice(0, MOST_WORDS);
  if (words.length === 0) return model;
  const { pathMatcher } = await import('../../library/index.ts');
  const passes = words.map((pattern) => pathMatcher([{ pattern, exclude: false }]));
  /** Bit i: the path has word i. */
  const maskOfPath = (path: string): number => {
    const text = folded(path);
    return passes.reduce((mask, has, i) => (has(text) ? mask | (1 << i) : mask), 0);
  };
  const maskOfLabel = (text: string): number => {
    const label = folded(text);
    return words.reduce((mask, word, i) => (label.includes(word) ? mask | (1 << i) : mask), 0);
  };
  const all = maskOfLabel(words.join(' '));

  const masks = new Int32Array(model.images.length);
  for (const [i, { path }] of model.images.entries()) {
    masks[i] = maskOfPath(path);
    if ((i & 255) === 0) await pause();
  }
  const filtered = async (group: ImageGroup): Promise<ImageGroup> => {
    const own = maskOfLabel(`${group.set} ${group.label}`);
    await pause();
    return { ...group, members: group.members.filter((place) => ((masks[place] ?? 0) | own) === all) };
  };
  const filteredLabels = async (labels: readonly ImageGroup[]): Promise<ImageGroup[]> => {
    const left: ImageGroup[] = [];
    for (const label of labels) left.push(await filtered(label));
    return left.filter(({ members }) => members.length > 0);
  };

  const sets: { name: string; labels: ImageGroup[] }[] = [];
  for (const { name, labels } of model.sets) sets.push({ name, labels: await filteredLabels(labels) });
  const uncertain = new Map<string, number>();
  const maskOfGuess = (place: number): number => {
    const label = model.images[place]?.uncertain[0]?.label ?? '';
    const mask = uncertain.get(label) ?? maskOfLabel(label);
    uncertain.set(label, mask);
    return mask;
  };
  return {
    ...model,
    sets: sets.filter(({ labels }) => labels.length > 0),
    addedManually: await filteredLabels(model.addedManually),
    uncertain: {
      ...model.uncertain,
      members: model.uncertain.members.filter((place) => ((masks[place] ?? 0) | maskOfGuess(place)) === all),
    },
    untagged: await filtered(model.untagged),
    problems: model.problems.filter(({ path, reason }) => (maskOfPath(path) | maskOfLabel(reason)) === all),
  };
}

/** Composed, as names from macOS are not always; without case. */
function folded(text: string): string {
  return text.normalize().toLowerCase();
}
