import { altOption } from './altText.ts';
import type { Range, UndescribedImage } from './undescribedImage.ts';

/** ".. image:: path", ".. figure:: path" and ".. |name| image:: path" of reStructuredText, also in a list. */
const DIRECTIVE = /^([ \t]*(?:[-*+] +)*)\.\.[ \t]+(?:\|[^|\n]+\|[ \t]+)?(?:image|figure)::[ \t]+(\S.*?)[ \t]*$/gm;
const OPTION = /^([ \t]+):([\w-]+):[ \t]*(.*?)[ \t]*$/;

/** Yields the image directives without alternative text that start in a range. */
export function* directiveImages(text: string, range: Range): Generator<UndescribedImage> {
  for (const match of text.matchAll(DIRECTIVE)) {
    const [directive, before = '', path = ''] = match;
    const start = match.index + before.length;
    if (start < range.start || start > range.end) continue;
    const end = match.index + directive.length;
    const options = optionsAfter(text, end);
    const alt = options.find(({ name }) => name === 'alt');
    if (alt && alt.value !== '') continue;
    const indent = options[0]?.indent ?? `${before.replace(/\S/g, ' ')}   `;
    yield {
      path,
      start,
      end: options.at(-1)?.end ?? end,
      edit: (altText) =>
        alt
          ? { start: alt.start, end: alt.end, text: indent + altOption(altText) }
          : { start: end, end, text: `\n${indent}${altOption(altText)}` },
    };
  }
}

interface Option extends Range {
  readonly indent: string;
  readonly name: string;
  readonly value: string;
}

/** Returns the options in the lines after a directive. */
function optionsAfter(text: string, directiveEnd: number): Option[] {
  const options: Option[] = [];
  for (let at = directiveEnd; at < text.length;) {
    const start = at + (/^\r?\n/.exec(text.slice(at, at + 2))?.[0].length ?? 0);
    const eol = /\r?\n|$/g;
    eol.lastIndex = start;
    const end = eol.exec(text)?.index ?? text.length;
    const match = OPTION.exec(text.slice(start, end));
    if (!match || start === at) break;
    options.push({ start, end, indent: match[1] ?? '', name: match[2] ?? '', value: match[3] ?? '' });
    at = end;
  }
  return options;
}
