/** A path in the form that the baseline needs. The baseline is a search by file name, the alternative to AssetLens. */
export interface FileName {
  /** The words of the path in lower case and in the singular. */
  readonly words: readonly string[];
  /** The path without the file's extension, lower case. */
  readonly text: string;
}

export function fileName(path: string): FileName {
  const text = path.replace(/\.\w{3,4}$/, '');
  // "shoppingCart2" is three words.
  const apart = text.replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2').replace(/(\p{L})(\p{N})/gu, '$1 $2');
  return { words: wordsOf(apart), text: text.toLowerCase() };
}

/**
 * Scores a path by the words of the query (wordsOf) that it contains, in any order and regardless of case, separators
 * and plurals. A word that is part of a longer one counts half. Among equal matches, the shorter path scores higher.
 * @returns 0 where no word matches
 */
export function fileNameScore(query: readonly string[], file: FileName): number {
  let matched = 0;
  for (const word of query) {
    if (file.words.includes(word)) matched += 1;
    else if (word.length > 2 && file.text.includes(word)) matched += 0.5;
  }
  // The share of the path that matches is worth less than half a word, so it only decides between equal matches.
  return matched === 0 ? 0 : matched + 0.4 * Math.min(1, matched / file.words.length);
}

/** The words of a text in lower case and in the singular. */
export function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .map(singular);
}

/**
 * Gives the singular and the plural of an English word the same form: "cherry", "box". The form of "horse" is "hors",
 * because the spelling of "horses" and "boxes" does not show that only one of them keeps its "e".
 */
function singular(word: string): string {
  if (word.length > 4 && word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  const hissing = /^(.*(?:s|x|z|ch|sh))es?$/.exec(word)?.[1];
  if (hissing !== undefined && hissing.length > 1) return hissing;
  return word.length > 3 && word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word;
}
