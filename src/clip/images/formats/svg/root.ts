/** Maximum bytes of licence, comments and entities before the root element. */
export const LONGEST_PROLOGUE = 256 * 1024;
/** Everything that XML allows before the root element. */
const PROLOGUE = /(?:\s+|<\?[^]*?\?>|<!--[^]*?-->|<!DOCTYPE[^[>]*(?:\[[^]*?\]\s*)?>)*/iy;
/** First bytes of an XML document: white space, the start of markup, or of a byte order mark. */
const FIRST_CHARACTER = /^[\s<\xef\xfe\xff]/;

/** Whether the root element of an XML document is `svg`, with or without a prefix. */
export function hasSvgRoot(file: Buffer): boolean {
  if (!FIRST_CHARACTER.test(file.toString('latin1', 0, 1))) return false;
  const start = file.subarray(0, LONGEST_PROLOGUE);
  // Latin-1 maps each byte to a character, and element names are ASCII in every encoding but UTF-16.
  const text = isUtf16(file)
    ? new TextDecoder(file[0] === 0xff ? 'utf-16le' : 'utf-16be').decode(start)
    : start.toString('latin1').replace(/^\xef\xbb\xbf/, '');
  const root = rootOffset(text);
  return /^<(?:[\w.-]+:)?svg[\s/>]/.test(text.slice(root, root + 100));
}

/** The offset of the root element in the text of an XML document. */
export function rootOffset(text: string): number {
  PROLOGUE.lastIndex = 0;
  return PROLOGUE.exec(text)?.[0].length ?? 0;
}

/** Whether a file begins with the byte order mark of UTF-16. */
export function isUtf16(file: Buffer): boolean {
  return (file[0] === 0xff && file[1] === 0xfe) || (file[0] === 0xfe && file[1] === 0xff);
}
