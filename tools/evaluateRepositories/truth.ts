import type { LabelSet } from '../../src/library/index.ts';
import { wordsOf } from '../../src/library/search/pathWords.ts';
import { MEMBERS } from './members.ts';
import type { SampleImage } from './samples.ts';

/** Whether a label applies to an image. `open`: the truth does not tell. */
export type Verdict = 'right' | 'wrong' | 'open';

/** Labels that name what a picture is, by the kind of repository whose pictures they are right for. */
const KIND_LABELS: Readonly<Record<string, readonly string[]>> = {
  icon: ['icons'],
  emoji: ['emoji'],
  illustration: ['illustrations'],
  sprite: ['game-art'],
  photo: ['photos'],
  screenshot: ['screenshots'],
  dialog: ['screenshots'],
  diagram: [],
};

/** Tells whether a label names what a picture is, such as "sprite", and not what it shows. */
export function isKindLabel(label: string): boolean {
  return Object.hasOwn(KIND_LABELS, label);
}

/** Labels that may apply although a name does not say so: surroundings, parts, and other views of a thing. */
const UNSAID = new Set([
  ...['landscape', 'mountain', 'forest', 'beach', 'river', 'water', 'sky', 'city', 'interior', 'office', 'background'],
  ...['texture', 'pattern', 'character', 'person', 'portrait', 'face', 'hand', 'circle', 'number', 'letter'],
]);

/** Judges labels by the truth about the images of a sample. */
export class Truth {
  readonly #kind: string;
  /** Words that tell that a label applies, by its name; the longest first. */
  readonly #phrases: { readonly words: readonly string[]; readonly labels: Set<string> }[] = [];
  readonly #synonyms = new Map<string, string>();

  constructor(kind: string, sets: readonly Pick<LabelSet, 'labels'>[]) {
    this.#kind = kind;
    const byPhrase = new Map<string, Set<string>>();
    for (const { name, synonyms = [] } of sets.flatMap(({ labels }) => labels)) {
      for (const other of [name, ...synonyms]) this.#synonyms.set(other.toLowerCase(), name);
      for (const phrase of [name, ...synonyms, ...(MEMBERS[name]?.split(', ') ?? [])]) {
        const key = wordsOf(phrase).join(' ');
        byPhrase.set(key, (byPhrase.get(key) ?? new Set<string>()).add(name));
      }
    }
    this.#phrases = Array.from(byPhrase, ([key, labels]) => ({ words: key.split(' '), labels })).sort(
      (a, b) => b.words.length - a.words.length,
    );
  }

  /** Returns the labels that apply, and whether the others do not. */
  labelsOf({ name, labels }: SampleImage): { readonly labels: ReadonlySet<string>; readonly isKnown: boolean } {
    if (labels) return { labels: new Set(labels.map((label) => this.#nameOf(label))), isKnown: true };
    const words = [...wordsOf(name)];
    const found = new Set<string>();
    for (const phrase of this.#phrases) {
      const at = words.findIndex((_, start) => phrase.words.every((word, i) => words[start + i] === word));
      if (at < 0) continue;
      for (const label of phrase.labels) found.add(label);
      // The words of a longer phrase tell nothing else: a hot dog is no dog.
      if (phrase.words.length > 1) words.splice(at, phrase.words.length, '');
    }
    return { labels: found, isKnown: found.size > 0 };
  }

  verdict(label: string, image: SampleImage): Verdict {
    const kinds = KIND_LABELS[label];
    if (kinds && !image.labels) return kinds.includes(this.#kind) ? 'right' : 'wrong';
    const { labels, isKnown } = this.labelsOf(image);
    if (labels.has(label)) return 'right';
    if (!isKnown || (!image.labels && UNSAID.has(label))) return 'open';
    return 'wrong';
  }

  #nameOf(label: string): string {
    return this.#synonyms.get(label.toLowerCase()) ?? label;
  }
}
