import picomatch from 'picomatch';
import type { PathFilter } from './query.ts';

/**
 * Says which paths pass all filters of a query, without case. A pattern with * ? [ or { is a glob: of the file's name, or of
 * the end of its path where the pattern has a slash. Any other is a part of the path.
 */
export function pathMatcher(filters: readonly PathFilter[]): (file: string) => boolean {
  const tests = filters.map(({ pattern, exclude }) => {
    const matches = /[*?[{]/.test(pattern) ? globMatcher(pattern) : partMatcher(pattern);
    return (file: string) => matches(file) !== exclude;
  });
  return (file) => tests.every((test) => test(file));
}

function partMatcher(part: string): (file: string) => boolean {
  const lower = part.replace(/^\.\//, '').toLowerCase();
  return (file) => file.toLowerCase().includes(lower);
}

function globMatcher(pattern: string): (file: string) => boolean {
  const glob = `**/${pattern.replace(/^\.?\//, '')}`;
  return picomatch(glob.endsWith('/') ? `${glob}**` : glob, { dot: true, flags: 'is', windows: false });
}
