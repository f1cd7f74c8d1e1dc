import { escapeUTF8 } from 'entities/escape';
import { escapeMarkdown, oneLine } from '../../base/markdown.ts';

/** Labels in an alternative text. */
const MOST_LABELS = 3;

/** The alternative text of an image by its labels, the surest first; undefined where it has none. */
export function altTextOfLabels(labels: readonly string[]): string | undefined {
  const shown = labels.slice(0, MOST_LABELS).map((label) => oneLine(label));
  return shown.length > 0 ? shown.join(', ') : undefined;
}

/** The alternative text by its labels, or else by the words of the file's name. @param path with '/' */
export function altTextOf(labels: readonly string[], path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.[^.]+$/, '');
  return altTextOfLabels(labels) ?? oneLine(name.replace(/[-_.]+/g, ' '));
}

/** The text between the brackets of a Markdown image, which is Markdown itself. */
export function markdownAlt(alt: string): string {
  return escapeMarkdown(oneLine(alt));
}

/** The attribute of HTML and JSX. Braces are expressions in Svelte, Vue, Angular and Handlebars. */
export function altAttribute(alt: string): string {
  const value = escapeUTF8(oneLine(alt)).replaceAll('{', '&#123;').replaceAll('}', '&#125;');
  return `alt="${value}"`;
}

/** The option of a reStructuredText directive, whose value is taken as it is. */
export function altOption(alt: string): string {
  return `:alt: ${oneLine(alt)}`;
}

/** The first attribute of an AsciiDoc image macro: quotes keep commas and equals signs from ending it. */
export function asciidocAlt(alt: string): string {
  const text = oneLine(alt).replace(/["[\]{}]/g, (character) => `&#${character.charCodeAt(0)};`);
  return /[,=]/.test(text) ? `"${text}"` : text;
}
