/** What people do today: they search file names. It gets every advantage here; see fileNameScore. */
export interface FileName {
  /** Words of the path, lower case, plurals without their ending. */
  readonly words: readonly string[];
  /** The path without the file's extension, lower case. */
  readonly text: string;
}

export function fileName(path: string): FileName {
  const text = path.replace(/\.\w{3,4}$/, '');
  // "shoppingCart2" is three words, too.
  const apart = text.replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2').replace(/(\p{L})(\p{N})/gu, '$1 $2');
  return { words: wordsOf(apart), text: text.toLowerCase() };
}

/**
 * How well a path fits a query (wordsOf): by the words of the query that it has, in any order and whatever the case, separators and
 * plurals; half for a word that is only part of a longer one; of equal matches the shorter path goes first. 0: nothing fits.
 */
export function fileNameScore(query: readonly string[], file: FileName): number {
  let matched = 0;
  for (const word of query) {
    if (file.words.includes(word)) matched += 1;
    else if (word.length > 2 && file.text.includes(word)) matched += 0.5;
  }
  // The share of the path that matches decides between equals alone: it is worth less than half a word.
  return matched === 0 ? 0 : matched + 0.4 * Math.min(1, matched / file.words.length);
}

export function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .map(singular);
}

/**
 * One form for the singular and the plural of English words: "cherry", "box". That of "horse" is "hors", for nothing in "horses"
 * and "boxes" tells which of them has an e of its own.
 */
function singular(word: string): string {
  if (word.length > 4 && word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  const hissing = /^(.*(?:s|x|z|ch|sh))es?$/.exec(word)?.[1];
  if (hissing !== undefined && hissing.length > 1) return hissing;
  return word.length > 3 && word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word;
}
