import { UserError } from '../../../base/userError.ts';
import { GlobMistake, MOST_CHARACTERS, parseGitPattern } from './parseGlob.ts';
import { ANY_FOLDERS, sequence, sizeOf, type Pattern } from './pattern.ts';

/** A rule of a .gitignore file. */
export interface IgnoreRule {
  /** Matches paths relative to the folder of the file, without a slash at the end. */
  readonly pattern: Pattern;
  /** Whether matching paths are not ignored. */
  readonly negated: boolean;
  readonly foldersOnly: boolean;
}

/** Most characters of all rules of a file. */
const LARGEST = 200_000;

/**
 * Parses the rules of a .gitignore file as gitignore(5) describes them. A rule that is not valid matches nothing, as in
 * Git.
 * @throws UserError with a clause about the file, if its rules are too long to be matched quickly
 */
export function parseIgnoreFile(text: string): IgnoreRule[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const rules: IgnoreRule[] = [];
  let size = 0;
  for (const [index, line] of lines.entries()) {
    const rule = parseRule(line, index + 1);
    if (!rule) continue;
    size += sizeOf(rule.pattern);
    if (size > LARGEST) throw new UserError(`its rules have more than ${LARGEST} characters, so they are not used`);
    rules.push(rule);
  }
  return rules;
}

function parseRule(line: string, number: number): IgnoreRule | undefined {
  if (line.startsWith('#')) return undefined;
  const negated = line.startsWith('!');
  const rule = withoutSpacesAtEnd(negated ? line.slice(1) : line);
  const foldersOnly = rule.endsWith('/');
  const path = foldersOnly ? rule.slice(0, -1) : rule;
  if (path === '') return undefined;
  if (path.length > MOST_CHARACTERS) {
    throw new UserError(
      `its line ${number} has ${path.length} characters, but the limit is ${MOST_CHARACTERS}, so its rules are not used`,
    );
  }
  try {
    const pattern = parseGitPattern(path.replace(/^\//, ''));
    return { pattern: path.includes('/') ? pattern : sequence([ANY_FOLDERS, pattern]), negated, foldersOnly };
  } catch (error) {
    if (error instanceof GlobMistake) return undefined;
    throw error;
  }
}

/** Removes spaces at the end, except one that is escaped. */
function withoutSpacesAtEnd(rule: string): string {
  let end = rule.length;
  while (end > 0 && rule.charAt(end - 1) === ' ') end--;
  let escapes = 0;
  while (escapes < end && rule.charAt(end - 1 - escapes) === '\\') escapes++;
  return rule.slice(0, escapes % 2 === 1 && end < rule.length ? end + 1 : end);
}
