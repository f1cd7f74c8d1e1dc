import { decodeHTMLAttribute, escapeUTF8 } from 'entities';

/** An image of a text that has no alt text. */
export interface UndescribedImage {
  /** Its path as it is written, without escapes of HTML. */
  readonly path: string;
  /** Where it stands: offsets of its first character and behind its last. */
  readonly start: number;
  readonly end: number;
  /** What to replace, and by what. */
  readonly edit: (altText: string) => { readonly start: number; readonly end: number; readonly text: string };
}

/** The Markdown images without alt text, if `markdown`, and the <img> elements whose alt is missing or empty. */
export function undescribedImages(text: string, markdown: boolean): UndescribedImage[] {
  return [...(markdown ? markdownImages(text) : []), ...htmlImages(text)];
}

/** ![](path "title") and ![ ](<a path>) */
function* markdownImages(text: string): Generator<UndescribedImage> {
  const image =
    /(?<!\\)!\[([^\S\n]*)\]\(\s*(?:<([^<>\n]*)>|((?:[^\s()\\<>]|\\.|\((?:[^\s()\\]|\\.)*\))+))(?:\s+(?:"[^"]*"|'[^']*'|\([^()]*\)))?\s*\)/g;
  for (const match of text.matchAll(image)) {
    const start = match.index;
    const alt = start + '!['.length;
    yield {
      path: match[2] ?? match[3] ?? '',
      start,
      end: start + match[0].length,
      edit: (altText) => ({ start: alt, end: alt + (match[1] ?? '').length, text: escapeMarkdownAlt(altText) }),
    };
  }
}

/** `<img src="path">` and `<img alt="" src=path />`. */
function* htmlImages(text: string): Generator<UndescribedImage> {
  for (const match of text.matchAll(/<img(?=[\s/])((?:[^<>"']|"[^"]*"|'[^']*')*)>/gi)) {
    const attributesAt = match.index + '<img'.length;
    const attributes = attributesOf(match[1] ?? '', attributesAt);
    const source = attributes.get('src');
    const alt = attributes.get('alt');
    if (!source || (alt && alt.value.trim() !== '')) continue;
    yield {
      path: decodeHTMLAttribute(source.value),
      start: match.index,
      end: match.index + match[0].length,
      edit: (altText) => {
        const written = `alt="${escapeUTF8(altText)}"`;
        if (alt) return { start: alt.start, end: alt.end, text: written };
        return { start: source.end, end: source.end, text: ` ${written}` };
      },
    };
  }
}

interface Attribute {
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** By name in lower case; of two of one name the first counts. */
function attributesOf(text: string, offset: number): Map<string, Attribute> {
  const found = new Map<string, Attribute>();
  for (const match of text.matchAll(/([^\s"'<>/=]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'<>]+))?/g)) {
    const name = (match[1] ?? '').toLowerCase();
    const start = offset + match.index;
    const written = match[2] ?? '';
    const value = /^["']/.test(written) ? written.slice(1, -1) : written;
    if (!found.has(name)) found.set(name, { value, start, end: start + match[0].length });
  }
  return found;
}

/** Alt text is Markdown itself: brackets would end it, and the rest be read as emphasis, code or HTML. */
function escapeMarkdownAlt(text: string): string {
  return text.replace(/[\\`*_[\]()<>&!~]/g, '\\$&');
}
