import picomatch from 'picomatch';
import { UserError } from '../../clip/index.ts';
import type { PathFilter } from '../search/query.ts';
import { globTrouble, isGlob } from './safeGlob.ts';

/**
 * Says which paths pass all filters of a query, without case. A pattern with * ? [ or { is a glob: of the file's name, or of
 * the end of its path where the pattern has a slash. Any other is a part of the path.
 * @throws UserError where a glob could take forever
 */
export function pathMatcher(filters: readonly PathFilter[]): (file: string) => boolean {
  const tests = filters.map(({ pattern, exclude }) => {
    const matches = isGlob(pattern) ? globMatcher(pattern) : partMatcher(pattern);
    return (file: string) => matches(file) !== exclude;
  });
  return (file) => tests.every((test) => test(file));
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
