/** Tells whether a path filter of a query is a glob rather than a part of a path. */
export function isGlob(pattern: string): boolean {
  return /[*?[{]/.test(pattern);
}

/**
 * Maximum number of stars. Matching a name of n characters takes up to n to this power steps: a few milliseconds at
 * worst.
 */
const MOST_STARS = 4;

/**
 * Checks a glob for excessive backtracking. Globs become regular expressions, and some of these take seconds for a
 * single name: each `*` between two slashes may end at any character there, and a repeated group with a variable part
 * doubles the work with every character.
 * @returns the problem in words for users; undefined if there is none
 */
export function globTrouble(glob: string): string | undefined {
  // Escaped characters, sets of characters.
  const plain = glob.replace(/\\./gs, '_').replace(/\[[!^]?\]?[^\]/]*\]/g, ']');
  if (/[+*]\([^)]*[*+?({]|[)}]\+/.test(plain)) {
    return `The glob "${glob}" repeats a group of variable length, which could take too long to match. Rewrite it without +(…) and *(…).`;
  }
  if (mostStars(plain) > MOST_STARS) {
    return `The glob "${glob}" has more than ${MOST_STARS} * between two slashes, which could take too long to match. Use fewer *.`;
  }
  return undefined;
}

interface Group {
  readonly closing: string;
  readonly separator: string;
  /** Number of stars before the group. */
  readonly start: number;
  /** Number of stars at the end of its worst alternative so far. */
  most: number;
}

/**
 * Returns the maximum number of stars, or other optional parts, between two slashes; the worst alternative of a group
 * counts.
 */
function mostStars(glob: string): number {
  const groups: Group[] = [];
  let [stars, worst, all] = [0, 0, 0];
  for (const [token] of glob.matchAll(/(?:^|(?<=\/))\*\*(?:$|\/)|\*+|[\])}][+?]?|\?(?=\()|[/{(,|]/g)) {
    const group = groups.at(-1);
    if (token.endsWith('/')) stars = 0;
    else if (token === '{') groups.push({ closing: '}', separator: ',', start: stars, most: stars });
    else if (token === '(') groups.push({ closing: ')', separator: '|', start: stars, most: stars });
    else if (token === group?.separator) {
      group.most = Math.max(group.most, stars);
      stars = group.start;
    } else {
      if (group && token.startsWith(group.closing)) stars = Math.max(groups.pop()?.most ?? 0, stars);
      if (/[*+?]/.test(token)) {
        stars++;
        all++;
      }
    }
    worst = Math.max(worst, stars);
  }
  // A bracket that is never closed does not open a group, so its commas do not separate alternatives.
  return groups.length > 0 ? all : worst;
}
