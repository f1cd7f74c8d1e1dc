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
