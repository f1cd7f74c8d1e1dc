/**
 * Returns the words of a name or a query in the form in which they are compared: lower case, singular, in NFKC.
 * "ShoppingCarts_2x" contains shopping, cart, 2 and x.
 */
export function wordsOf(text: string): string[] {
  const parts = text
    .normalize('NFKC')
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2') // camelCase
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2') // SVGIcon
    .match(/\p{L}[\p{L}\p{M}]*|\p{N}+/gu);
  return (parts ?? []).map((word) => singular(word.toLowerCase()));
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

/** Returns the words of a file's name, without its extension. */
export function fileWords(name: string): ReadonlySet<string> {
  return new Set(wordsOf(name.replace(/(?<=.)\.[^.]*$/, '')));
}
