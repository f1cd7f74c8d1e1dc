import { escapeUTF8 } from 'entities/escape';
import { escapeMarkdown } from '../../base/markdown.ts';
import { oneLine } from '../../base/printable.ts';

/** Maximum number of labels in an alternative text. */
const MOST_LABELS = 3;

/** Returns the alternative text for the labels of an image, best match first; undefined if there are no labels. */
export function altTextOfLabels(labels: readonly string[]): string | undefined {
  const shown = labels.slice(0, MOST_LABELS).map((label) => oneLine(label));
  return shown.length > 0 ? shown.join(', ') : undefined;
}

/**
 * Returns the alternative text for the labels of an image, or else for the words of its file name.
 * @param path with '/'
 */
export function altTextOf(labels: readonly string[], path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.[^.]+$/, '');
  return altTextOfLabels(labels) ?? oneLine(name.replace(/[-_.]+/g, ' '));
}

/** Escapes the text between the brackets of a Markdown image, which is Markdown itself. */
export function markdownAlt(alt: string): string {
  return escapeMarkdown(oneLine(alt));
}

/**
 * Returns the attribute for HTML and JSX. It escapes braces, which are expressions in Svelte, Vue, Angular and
 * Handlebars.
 */
export function altAttribute(alt: string): string {
  const value = escapeUTF8(oneLine(alt)).replaceAll('{', '&#123;').replaceAll('}', '&#125;');
  return `alt="${value}"`;
}

/** Returns the option of a reStructuredText directive. Its value needs no escapes. */
export function altOption(alt: string): string {
  return `:alt: ${oneLine(alt)}`;
}

/** Returns the first attribute of an AsciiDoc image macro. Quotes enclose a text with commas or equals signs. */
export function asciidocAlt(alt: string): string {
  const text = oneLine(alt).replace(/["[\]{}]/g, (character) => `&#${character.charCodeAt(0)};`);
  return /[,=]/.test(text) ? `"${text}"` : text;
}
