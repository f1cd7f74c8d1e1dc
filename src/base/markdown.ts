/**
 * Characters that can begin or end markup in CommonMark 0.31, GitHub's extensions, MDX or the editor's hovers
 * ("$(icon)"). A backslash can escape each of them (CommonMark, section 2.4). A colon or an at sign turns addresses
 * into links.
 */
const MARKUP = /[\\`*_{}[\]()<>#&!|~^$:@]/g;
/** Markup only at the start of a line: list items, underlines of headings, and rules. */
const AT_START = /^(\s*)(?:([-+=])|(\d+)\.(?=\s|$))/;
const WWW = /(www)\./gi;

/**
 * Escapes one line of text, so that Markdown shows it unchanged, without markup, entities and links. It does not escape
 * commas, quotes and hyphens, which keeps the source readable.
 */
export function escapeMarkdown(text: string): string {
  return text
    .replace(MARKUP, '\\$&')
    .replace(WWW, '$1\\.')
    .replace(AT_START, (_, space: string, mark: string | undefined, digits: string | undefined) =>
      mark === undefined ? `${space}${digits ?? ''}\\.` : `${space}\\${mark}`,
    );
}

/** Line breaks of all kinds, other control characters, and marks that reverse the direction of text. */
const INVISIBLE = /\s*[\p{Cc}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]+\s*/gu;

/**
 * Converts a text to one line, without characters that hide, break or reverse text.
 * @param most maximum number of characters
 */
export function oneLine(text: string, most = Infinity): string {
  const line = text.replace(INVISIBLE, ' ').trim();
  const characters = Array.from(line);
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : line;
}
