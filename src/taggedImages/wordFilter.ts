import { filterInSlices, forEachInSlices, type Pause } from '../base/timeSlices.ts';
import type { TaggedImage } from '../library/index.ts';
import { tagIn, type GroupSet, type LabelGroup, type LabelGroups } from './labelGroups.ts';
import { imageAt, type TaggedImages } from './taggedImages.ts';

/** Maximum number of words: each is one bit of a mask. Further words are ignored. */
const MAX_WORDS = 31;

/**
 * A text filter. Each of its words must occur in the path of an image, or in the label or the label set of the group
 * that the image is shown in. A word with * ? [ or { is a glob of the path. Case is ignored.
 */
export class WordFilter {
  readonly #words: readonly string[];
  /** [words] Tells whether a path contains a word. */
  readonly #inPath: readonly ((path: string) => boolean)[];
  /** The mask with the bits of all words. */
  readonly #all: number;

  private constructor(words: readonly string[], inPath: readonly ((path: string) => boolean)[]) {
    this.#words = words;
    this.#inPath = inPath;
    this.#all = words.reduce((mask, _, i) => mask | (1 << i), 0);
  }

  /**
   * Parses a filter. Returns undefined if the text has no words.
   * @throws UserError if a glob is not valid
   */
  static async parse(text: string): Promise<WordFilter | undefined> {
    const words = folded(text).trim().split(/\s+/).filter(Boolean).slice(0, MAX_WORDS);
    if (words.length === 0) return undefined;
    const { pathMatcher } = await import('../library/index.ts');
    return new WordFilter(
      words,
      words.map((pattern) => pathMatcher([{ pattern, exclude: false }])),
    );
  }

  /** Tells whether each word occurs in a path or in a text. */
  matches(path: string, text: string): boolean {
    return (this.#pathMask(path) | this.#textMask(text)) === this.#all;
  }

  /** Removes the images that do not match from their groups, and the groups that become empty. */
  async apply(tagged: TaggedImages, groups: LabelGroups, pause: Pause): Promise<LabelGroups> {
    const pathMasks = new Int32Array(tagged.images.length);
    const setMask = ({ path }: TaggedImage, position: number): void => {
      pathMasks[position] = this.#pathMask(path);
    };
    await forEachInSlices(tagged.images, setMask, pause);
    const sets: GroupSet[] = [];
    for (const { name, labels } of groups.sets) {
      const remaining = await this.#matchingLabels(labels, pathMasks, pause);
      if (remaining.length > 0) sets.push({ name, labels: remaining });
    }
    return {
      ...groups,
      sets,
      addedManually: await this.#matchingLabels(groups.addedManually, pathMasks, pause),
      uncertain: await this.#matching(
        groups.uncertain,
        pathMasks,
        this.#uncertainMask(tagged, groups.uncertain),
        pause,
      ),
      untagged: await this.#matching(groups.untagged, pathMasks, () => 0, pause),
    };
  }

  async #matchingLabels(labels: readonly LabelGroup[], pathMasks: Int32Array, pause: Pause): Promise<LabelGroup[]> {
    const remaining: LabelGroup[] = [];
    for (const group of labels) {
      const mask = this.#textMask(`${group.set} ${group.label}`);
      const matching = await this.#matching(group, pathMasks, () => mask, pause);
      if (matching.members.length > 0) remaining.push(matching);
    }
    return remaining;
  }

  /** @param textMask words in the label that an image is shown with */
  async #matching(
    group: LabelGroup,
    pathMasks: Int32Array,
    textMask: (position: number) => number,
    pause: Pause,
  ): Promise<LabelGroup> {
    const matches = (position: number): boolean => ((pathMasks[position] ?? 0) | textMask(position)) === this.#all;
    return { ...group, members: await filterInSlices(group.members, matches, pause) };
  }

  /** An uncertain image is shown with its best uncertain label. */
  #uncertainMask(tagged: TaggedImages, group: LabelGroup): (position: number) => number {
    const masks = new Map<string, number>();
    return (position) => {
      const label = tagIn(group, imageAt(tagged, position))?.label ?? '';
      const mask = masks.get(label) ?? this.#textMask(label);
      masks.set(label, mask);
      return mask;
    };
  }

  #pathMask(path: string): number {
    const text = folded(path);
    return this.#inPath.reduce((mask, contains, i) => (contains(text) ? mask | (1 << i) : mask), 0);
  }

  #textMask(text: string): number {
    const lower = folded(text);
    return this.#words.reduce((mask, word, i) => (lower.includes(word) ? mask | (1 << i) : mask), 0);
  }
}

/** Composes letters with accents, which file names from macOS may contain in two parts, and ignores case. */
function folded(text: string): string {
  return text.normalize().toLowerCase();
}
