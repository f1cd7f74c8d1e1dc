import { printable } from '../../base/printable.ts';

/**
 * Letters and marks that have no meaning in Markdown in this combination, and that cannot begin another part of a line.
 */
const PLAIN = /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}_/.-]| (?=[\p{L}\p{N}]))*$/u;
const WEB_ADDRESS = /www\./i;

/**
 * Formats the name of a file, folder or label for the answer of a tool. An agent reads the answer line by line and may
 * show parts of it as Markdown. A name that is not plain is therefore on one line and in a code span (CommonMark 0.31,
 * section 6.1), where it cannot be a link, an image, HTML or a further line.
 */
export function nameInAnswer(name: string): string {
  const shown = printable(name);
  if (PLAIN.test(shown) && !WEB_ADDRESS.test(shown)) return shown;
  const longest = Math.max(0, ...(shown.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  const space = /^[` ]|[` ]$/.test(shown) ? ' ' : ''; // a renderer removes one space on each side
  return `${fence}${space}${shown}${space}${fence}`;
}
