/**
 * The words of a name or a query as they compare: lower case, in the singular, without marks of composition. "ShoppingCarts_2x"
 * has shopping, cart, 2 and x.
 */
export function wordsOf(text: string): string[] {
  const parts = text
    .normalize('NFKC')
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2') // camelCase
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2') // SVGIcon
    .match(/\p{L}[\p{L}\p{M}]*|\p{N}+/gu);
  return (parts ?? []).map((word) => singular(word.toLowerCase()));
}

/** By English endings; what it makes of a word need not be one, as long as both numbers come out the same. */
function singular(word: string): string {
  if (word.length < 4 || /(ss|us|is)$/.test(word)) return word;
  if (word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  return word.replace(/(?<=s|x|z|ch|sh)es?$|s$/, ''); // boxes, and houses with house
}

/** Words that say nothing of what is looked for. */
const EMPTY = new Set(['a', 'an', 'and', 'at', 'by', 'for', 'from', 'in', 'of', 'on', 'or', 'the', 'to', 'with']);

/** The words of a query's term that a name may have; each once. */
export function tellingWords(text: string): string[] {
  return [...new Set(wordsOf(text))].filter((word) => !EMPTY.has(word));
}

/** The words of a file's name, without its extension. */
export function fileWords(name: string): ReadonlySet<string> {
  return new Set(wordsOf(name.replace(/(?<=.)\.[^.]*$/, '')));
}
