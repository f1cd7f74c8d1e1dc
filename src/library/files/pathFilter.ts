import picomatch from 'picomatch';
import { UserError } from '../../base/userError.ts';
import type { PathFilter } from '../search/query.ts';
import { globTrouble, isGlob } from './safeGlob.ts';

/**
 * Returns a function that tells whether a path passes all filters of a query, case-insensitively. A pattern with * ? [
 * or { is a glob for the file's name, or for the end of its path if the pattern contains a slash. Any other pattern is
 * a part of the path.
 * @throws UserError if a glob could take forever to match
 */
export function pathMatcher(filters: readonly PathFilter[]): (file: string) => boolean {
  // macOS may compose the letters of names differently than keyboards do.
  const tests = filters.map(({ pattern: written, exclude }) => {
    const pattern = written.normalize('NFC');
    const matches = isGlob(pattern) ? globMatcher(pattern) : partMatcher(pattern);
    return (file: string) => matches(file) !== exclude;
  });
  return (file) => {
    const composed = file.normalize('NFC');
    return tests.every((test) => test(composed));
  };
}

function partMatcher(part: string): (file: string) => boolean {
  const lower = part.replace(/^\.\//, '').toLowerCase();
  return (file) => file.toLowerCase().includes(lower);
}

function globMatcher(pattern: string): (file: string) => boolean {
  const trouble = globTrouble(pattern);
  if (trouble !== undefined) throw new UserError(trouble);
  const glob = `**/${pattern.replace(/^\.?\//, '')}`;
  return picomatch(glob.endsWith('/') ? `${glob}**` : glob, { dot: true, flags: 'is', windows: false });
}
