import { escapeUTF8 } from 'entities/escape';
import { nameOfImage } from '../../base/imagePath.ts';
import { escapeMarkdown } from '../../base/markdown.ts';
import { oneLine } from '../../base/printable.ts';

/** Maximum number of labels in an alternative text. */
const MOST_LABELS = 3;

/** A label of an image. */
export interface AltLabel {
  readonly label: string;
  /** Confidence, 0 to 1. */
  readonly score: number;
  /** Whether the user assigned the label. */
  readonly manual: boolean;
}

/**
 * Minimum confidence of a label in an alternative text, even if the threshold of the label is lower. Below it, about
 * two of three labels do not apply.
 */
const LEAST_CONFIDENCE = 0.3;

/** Kinds of pictures. They do not say what a picture shows. */
const KINDS: ReadonlySet<string> = new Set([
  ...['background', 'clip art', 'clipart', 'drawing', 'emoji', 'emoticon', 'graphic', 'icon', 'illustration', 'image'],
  ...['logo', 'photo', 'photograph', 'pictogram', 'picture', 'pixel art', 'screenshot', 'sprite', 'sticker', 'symbol'],
  ...['texture', 'tile', 'vector'],
]);

/** Returns the labels that can be part of an alternative text: certain ones that are not a kind of picture. */
export function labelsForAlt(labels: readonly AltLabel[]): string[] {
  return labels
    .filter(({ label, score, manual }) => (manual || score >= LEAST_CONFIDENCE) && !isKind(label))
    .map(({ label }) => label);
}

function isKind(label: string): boolean {
  const name = label.trim().toLowerCase();
  return KINDS.has(name) || (name.endsWith('s') && KINDS.has(name.slice(0, -1)));
}

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
  // A file such as ".png" has no name.
  const name = nameOfImage(path).replace(/^\.[^.]*$/, '');
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
  return `alt="${attributeValue(alt)}"`;
}

/** Returns the attribute with the same text for an element of SVG, which has no `alt`. */
export function labelAttribute(alt: string): string {
  return `aria-label="${attributeValue(alt)}"`;
}

function attributeValue(text: string): string {
  return escapeUTF8(oneLine(text)).replaceAll('{', '&#123;').replaceAll('}', '&#125;');
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
