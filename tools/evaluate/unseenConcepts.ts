import type { EmbeddedSet } from './embedded.ts';
import { wordsOf } from './fileNameSearch.ts';
import { accuracy, type Accuracy } from './zeroShot.ts';

/** Accuracy on pictures whose names do not occur in the training data. */
export interface UnseenAccuracy extends Accuracy {
  readonly pictures: number;
  /** The accuracy by chance. */
  readonly chance: Accuracy;
  /** The distinct names of the pictures. */
  readonly names: readonly string[];
}

/**
 * Zero-shot accuracy, among all names of the set, on the pictures with an unseen name: a noun with no word, in the
 * singular or plural, that occurs in a name, tag, category or description of a training picture. Logos are excluded.
 * @param trainingWords in the form of wordsOf
 * @param labels [N] unit vectors [D]: the embeddings of the names
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
