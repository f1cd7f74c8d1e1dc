/** Each of these may be escaped by a backslash (CommonMark 0.31, section 2.4), which also keeps "www." from becoming a link. */
const PUNCTUATION = /[!-/:-@[-`{-~]/g;
/** Line breaks of all kinds, other controls, and marks that turn the direction of the text that follows. */
const INVISIBLE = /[\p{Cc}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]+/gu;

/** Text that Markdown shows as it is. It has to be of one line, see printable. */
export function escapeMarkdown(text: string): string {
  return text.replace(PUNCTUATION, '\\$&');
}

/** One line without characters that hide, break or turn what is read, of so many characters at most. */
export function printable(text: string, most: number): string {
  const line = text.replace(INVISIBLE, ' ').trim();
  const characters = Array.from(line);
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : line;
}
