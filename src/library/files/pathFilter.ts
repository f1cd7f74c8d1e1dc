import { fileOfImage } from '../../base/imagePath.ts';
import type { PathFilter } from '../search/query.ts';
import { assertGlob, globMatcher, isGlob } from './globs/matcher.ts';

/**
 * Returns a function that tells whether a path passes all filters of a query, case-insensitively. A pattern with * ? [
 * or { is a glob for the file's name, or for the end of its path if the pattern contains a slash. Any other pattern is
 * a part of the path.
 * @throws UserError if a glob is not valid
 */
export function pathMatcher(filters: readonly PathFilter[]): (file: string) => boolean {
  // macOS may compose the letters of names differently than keyboards do.
  const tests = filters.map(({ pattern: written, exclude }) => {
    const pattern = written.normalize('NFC');
    const matches = isGlob(pattern) ? nameMatcher(pattern) : partMatcher(pattern);
    // A pattern for a sheet, such as icons.svg or *.svg, also matches the images in it.
    return (image: string, file: string) => (matches(image) || (file !== image && matches(file))) !== exclude;
  });
  return (path) => {
    const image = path.normalize('NFC');
    const file = fileOfImage(image);
    return tests.every((test) => test(image, file));
  };
}

function partMatcher(part: string): (file: string) => boolean {
  const lower = part.replace(/^\.\//, '').toLowerCase();
  return (file) => file.toLowerCase().includes(lower);
}

function nameMatcher(pattern: string): (file: string) => boolean {
  assertGlob(pattern); // before it is changed, so that messages show it as it was written
  const glob = `**/${pattern.replace(/^\.?\//, '')}`;
  return globMatcher([glob.endsWith('/') ? `${glob}**` : glob], { ignoreCase: true });
}
