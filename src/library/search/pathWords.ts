import { nameOfImage } from '../../base/imagePath.ts';

/**
 * Returns the words of a name or a query in the form in which they are compared: lower case, singular, in NFKC.
 * "ShoppingCarts_2x" contains shopping, cart, 2 and x.
 */
export function wordsOf(text: string): string[] {
  return plainWords(text).map(singular);
}

/** Returns the words of a name or a query in lower case, as they are written. */
export function plainWords(text: string): string[] {
  const parts = text
    .normalize('NFKC')
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2') // camelCase
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2') // SVGIcon
    .match(/\p{L}[\p{L}\p{M}]*|\p{N}+/gu);
  return (parts ?? []).map((word) => word.toLowerCase());
}

/** Applies the rules of English endings. The result may not be a word, but is the same for singular and plural. */
function singular(word: string): string {
  if (word.length < 4 || /(ss|us|is)$/.test(word)) return word;
  if (word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  return word.replace(/(?<=s|x|z|ch|sh)es?$|s$/, ''); // boxes becomes box, houses and house become the same
}

/** Words that do not describe a picture. */
const STOP_WORDS = new Set(['a', 'an', 'and', 'at', 'by', 'for', 'from', 'in', 'of', 'on', 'or', 'the', 'to', 'with']);

/** Returns the distinct words of a query's term that a name may contain. */
export function tellingWords(text: string): string[] {
  return [...new Set(wordsOf(text))].filter((word) => !STOP_WORDS.has(word));
}

/** Letters of the shorter part of a compound: "spaceship" is not "spaceshi" and "p". */
const LEAST_PART = 3;

/**
 * Tells whether words contain a word, also written as a compound or apart: "spaceship" is in space-shooter/ships, and
 * "space" and "ship" are in spaceship.png.
 * @param words the words of a name, see wordsOf
 * @param others the other words of the query
 */
export function containsWord(words: ReadonlySet<string>, word: string, others: readonly string[]): boolean {
  if (words.has(word)) return true;
  for (let end = LEAST_PART; end <= word.length - LEAST_PART; end++) {
    if (words.has(word.slice(0, end)) && words.has(word.slice(end))) return true;
  }
  return others.some((other) => words.has(word + other) || words.has(other + word));
}

/** Returns a part of a path that contains a word in one of these forms, for a preselection. */
export function partOfWord(word: string): string {
  return word.length < 2 * LEAST_PART ? word : word.slice(0, LEAST_PART);
}

/** Returns the words of a file's name, without its extension. */
export function fileWords(name: string): ReadonlySet<string> {
  return new Set(wordsOf(nameOfImage(name)));
}
