import { asciidocAlt } from './altText.ts';
import type { Range, UndescribedImage } from './undescribedImage.ts';

/** image::path[attributes] and image:path[attributes] */
const MACRO = /(?<![\w\\])image::?(?![\s:])([^[\]\n]+)\[([^\]\n]*)\]/g;

/** Yields the image macros without alternative text that start in a range. */
export function* asciidocImages(text: string, range: Range): Generator<UndescribedImage> {
  for (const match of text.matchAll(MACRO)) {
    const [macro, path = '', attributes = ''] = match;
    const start = match.index;
    if (start < range.start || start > range.end || !lacksAlt(attributes)) continue;
    const end = start + macro.length;
    const at = end - attributes.length - 1;
    // The alternative text is the first attribute without a name.
    const separator = attributes.trim() === '' || attributes.trimStart().startsWith(',') ? '' : ',';
    yield { path, start, end, edit: (altText) => ({ start: at, end: at, text: asciidocAlt(altText) + separator }) };
  }
}

function lacksAlt(attributes: string): boolean {
  if (/(?:^|,)\s*alt\s*=/.test(attributes)) return false;
  const first = attributes.trim();
  return first === '' || first.startsWith(',') || /^[\w-]+\s*=/.test(first);
}
