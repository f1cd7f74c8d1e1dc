import { nameOfImage } from '../../base/imagePath.ts';
import { closest } from '../labels/closest.ts';
import type { Library } from '../library.ts';
import { pages, text } from '../store/rows.ts';
import { inside } from '../store/store.ts';
import { COLOUR_NAMES } from './colours/namedColours.ts';
import { plainWords, wordsOf } from './pathWords.ts';
import type { Query } from './query.ts';

/** A word of a query that the model may not know. */
export interface UnknownWord {
  readonly word: string;
  /** A similar word of the labels or of the files' names; undefined if there is none. */
  readonly suggestion: string | undefined;
}

export interface UnknownWordOptions {
  /** Whether at least one result of the query is likely. */
  readonly hasLikely: boolean;
  /** Names of labels. */
  readonly labels: readonly string[];
  /** Whether the user may still be typing: words that begin a known word are left out. Default: false. */
  readonly isTyping?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Mean number of letters of a word's pieces, up to which the word is called unknown although results are likely. "caat"
 * and "asdfgh" are below it; of the longer English words in the names of four icon sets, 3 % are.
 */
const FEW_LETTERS = 2;
/** Shorter words are often abbreviations. */
const LEAST_LETTERS = 4;

/**
 * Finds the words of a query that the vocabulary of the model splits into pieces, and that neither a label nor the name
 * of a file contains: misspelt words, and words of languages that the model does not know. Words of few pieces count
 * only if no result is likely, because the vocabulary also splits some words that the model knows.
 */
export async function unknownWords(
  library: Library,
  { terms }: Query,
  { hasLikely, labels, isTyping = false, signal }: UnknownWordOptions,
): Promise<UnknownWord[]> {
  const texts = terms.flatMap((term) => (term.kind === 'text' && term.weight > 0 ? plainWords(term.text) : []));
  const words = [...new Set(texts)].filter((word) => word.length >= LEAST_LETTERS && !COLOUR_NAMES.has(word));
  if (words.length === 0) return [];
  const counts = await library.inference.countPieces(words, signal);
  const split = words.filter((word, i) => {
    const pieces = counts[i] ?? 1;
    return pieces > 1 && (!hasLikely || word.length / pieces <= FEW_LETTERS);
  });
  if (split.length === 0) return [];
  const written = new Set([...labels.flatMap(plainWords), ...(await wordsOfFiles(library))]);
  const known = new Set([...written].flatMap(wordsOf));
  const suggestions = [...written].filter((word) => word.length > 2);
  const beginsKnown = (word: string): boolean => isTyping && suggestions.some((other) => other.startsWith(word));
  return split
    .filter((word) => !wordsOf(word).every((form) => known.has(form)) && !beginsKnown(word))
    .map((word) => ({ word, suggestion: suggestionFor(word, suggestions) }));
}

/** A word of four letters with two other ones is another word. */
function suggestionFor(word: string, known: readonly string[]): string | undefined {
  const near = known.filter((other) => Math.abs(other.length - word.length) <= 2 && other.startsWith(word.slice(0, 1)));
  return closest(word, near);
}

async function wordsOfFiles({ [inside]: { database } }: Library): Promise<Set<string>> {
  const words = new Set<string>();
  const paths = pages((last: string | undefined, limit) =>
    database
      .all('SELECT path FROM files WHERE path > ? ORDER BY path LIMIT ?', last ?? '', limit)
      .map((row) => text(row, 'path')),
  );
  for await (const page of paths) {
    for (const path of page) for (const word of plainWords(nameOfImage(path))) words.add(word);
  }
  return words;
}
