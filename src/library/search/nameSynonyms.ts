import { tellingWords } from './pathWords.ts';

/** A label with its other names. */
export interface NamedLabel {
  readonly name: string;
  readonly synonyms?: readonly string[] | undefined;
}

/** Most other wordings of a term: the paths of the index are read for each of their words. */
const MOST_WORDINGS = 12;

/**
 * Returns other wordings of a text: with "trash" for "bin" and the reverse, if "bin" is a synonym of the label "trash".
 * A synonym is not replaced by another one, because many labels have kinds as synonyms: "car" and "bus" both mean
 * "vehicle", but a car is not a bus.
 * @returns the words of each wording, see tellingWords
 */
export function otherWordings(text: string, labels: readonly NamedLabel[]): string[][] {
  const words = tellingWords(text);
  const wordings = new Map<string, string[]>();
  for (const { name, synonyms = [] } of labels) {
    const nameWords = tellingWords(name);
    for (const synonym of synonyms) {
      const synonymWords = tellingWords(synonym);
      for (const [from, to] of [
        [nameWords, synonymWords],
        [synonymWords, nameWords],
      ] as const) {
        const wording = replaced(words, from, to);
        if (wording && wordings.size < MOST_WORDINGS) wordings.set(wording.join(' '), wording);
      }
    }
  }
  return [...wordings.values()];
}

/** Replaces the first occurrence of consecutive words. @returns undefined if there is none or nothing changes */
function replaced(words: readonly string[], from: readonly string[], to: readonly string[]): string[] | undefined {
  if (from.length === 0 || to.length === 0) return undefined;
  const at = words.findIndex((_, start) => from.every((word, i) => words[start + i] === word));
  if (at < 0) return undefined;
  const result = [...new Set([...words.slice(0, at), ...to, ...words.slice(at + from.length)])];
  return result.every((word) => words.includes(word)) ? undefined : result;
}
