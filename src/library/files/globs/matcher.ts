import { UserError } from '../../../base/userError.ts';
import { Automaton } from './automaton.ts';
import { GlobMistake, parseGlob, type ParsedGlob } from './parseGlob.ts';
import { sizeOf } from './pattern.ts';

/** Most characters and branches of all globs of a list. */
const LARGEST_LIST = 100_000;

/** Tells whether a path filter of a query is a glob rather than a part of a path. */
export function isGlob(pattern: string): boolean {
  return /[*?[{]/.test(pattern);
}

/** Returns the mistake of a glob in words for users; undefined if it has none. */
export function globMistake(glob: string): string | undefined {
  try {
    parseGlob(glob);
    return undefined;
  } catch (error) {
    if (error instanceof GlobMistake) return `The glob "${shortened(glob)}" ${error.message}.`;
    throw error;
  }
}

/** @throws UserError if the glob is not valid */
export function assertGlob(glob: string): void {
  const mistake = globMistake(glob);
  if (mistake !== undefined) throw new UserError(mistake);
}

/**
 * Returns a function that tells whether a path matches at least one glob. Syntax: * and ? within a name, ** for any
 * folders, [a-z] and [!a-z], {a,b} and {1..9}, @(a|b), ?(a|b), *(a|b), +(a|b), \ before a character that means itself,
 * and ! before a glob for all paths that it does not match. The time for a path is at most proportional to its length
 * times the length of the globs; there is no backtracking.
 * @throws UserError if a glob is not valid, or all globs together are too long
 */
export function globMatcher(
  globs: readonly string[],
  options: { readonly ignoreCase: boolean },
): (path: string) => boolean {
  const parsed = globs.map(parsedGlob);
  const size = parsed.reduce((sum, { pattern }) => sum + sizeOf(pattern), 0);
  if (size > LARGEST_LIST) {
    throw new UserError(
      `The globs have ${size} characters and alternatives, but the limit is ${LARGEST_LIST}. Use fewer or shorter globs.`,
    );
  }
  const patterns = parsed.filter(({ negated }) => !negated).map(({ pattern }) => pattern);
  const positive = patterns.length === 0 ? [] : [new Automaton(patterns, options)];
  const negative = parsed.filter(({ negated }) => negated).map(({ pattern }) => new Automaton([pattern], options));
  return (path) =>
    positive.some((automaton) => automaton.lastMatch(path) >= 0) ||
    negative.some((automaton) => automaton.lastMatch(path) < 0);
}

function parsedGlob(glob: string): ParsedGlob {
  assertGlob(glob);
  return parseGlob(glob);
}

const SHOWN = 80;

function shortened(glob: string): string {
  return glob.length > SHOWN ? `${glob.slice(0, SHOWN)}…` : glob;
}
