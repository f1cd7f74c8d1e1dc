import type { EmbeddedSet } from './embedded.ts';
import { wordsOf } from './fileNameSearch.ts';
import { accuracy, type Accuracy } from './zeroShot.ts';

/** Pictures of things that no training picture is called by. */
export interface UnseenAccuracy extends Accuracy {
  readonly pictures: number;
  /** What guessing gives. */
  readonly chance: Accuracy;
  /** Different names of them. */
  readonly names: readonly string[];
}

/**
 * Zero-shot, among all names of the set, on the pictures whose name is a noun, none of whose words is in a name, tag, category
 * or description of a training picture, in the singular or the plural. Logos are left out: their names are no concepts.
 * @param trainingWords as wordsOf writes them
 * @param labels [N] of unit vectors [D]: the names' embeddings
 */
export function unseenAccuracy(
  set: EmbeddedSet,
  labels: readonly Float32Array[],
  trainingWords: ReadonlySet<string>,
): UnseenAccuracy {
  const unseen = [...set.pictures.entries()].filter(
    ([, { name, noun, kind }]) => noun && kind !== 'logo' && wordsOf(name).every((word) => !trainingWords.has(word)),
  );
  const names = [...new Set(unseen.map(([, { name }]) => name))];
  const among = unseen.map(([index]) => index);
  const chance = { top1: 100 / set.names.length, top5: 500 / set.names.length };
  return { pictures: among.length, names, chance, ...accuracy(set, labels, among) };
}
