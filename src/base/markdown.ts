/**
 * Characters that can begin or end markup in CommonMark 0.31, GitHub's extensions, MDX or the editor's hovers ("$(icon)"). Each
 * may follow a backslash (CommonMark, section 2.4). A colon or an at sign turns addresses into links.
 */
const MARKUP = /[\\`*_{}[\]()<>#&!|~^$:@]/g;
/** Markup only where a line begins: list items, underlines of headings, and rules. */
const AT_START = /^(\s*)(?:([-+=])|(\d+)\.(?=\s|$))/;
const WWW = /(www)\./gi;

/**
 * Text of one line that Markdown shows as it is: neither markup nor an entity nor a link. Commas, quotes and hyphens stay
 * readable in the source.
 */
export function escapeMarkdown(text: string): string {
  return text
    .replace(MARKUP, '\\$&')
    .replace(WWW, '$1\\.')
    .replace(AT_START, (_, space: string, mark: string | undefined, digits: string | undefined) =>
      mark === undefined ? `${space}${digits ?? ''}\\.` : `${space}\\${mark}`,
    );
}

/** Line breaks of all kinds, other control characters, and marks that reverse the direction of the text after them. */
const INVISIBLE = /\s*[\p{Cc}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]+\s*/gu;

/** The text as one line, without characters that hide, break or reverse what is read. @param most characters */
export function oneLine(text: string, most = Infinity): string {
  const line = text.replace(INVISIBLE, ' ').trim();
  const characters = Array.from(line);
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : line;
}
