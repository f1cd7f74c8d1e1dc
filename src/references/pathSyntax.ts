import type { Language } from './languages.ts';

/**
 * The notation of a path in a text, which determines its escapes:
 * - "url": percent-encoded, as in Markdown, HTML and CSS
 * - "angle": between "<" and ">" in Markdown, without escapes of spaces and parentheses
 * - "double", "single", "template": a string literal in double quotes, single quotes or backticks
 * - "directive": an argument in reStructuredText, where backslashes escape white space
 * - "word": unescaped
 */
export type PathSyntax = 'url' | 'angle' | 'double' | 'single' | 'template' | 'directive' | 'word';

const DEFAULTS: Readonly<Record<Language, PathSyntax>> = {
  markdown: 'url',
  mdx: 'url',
  html: 'url',
  component: 'url',
  jsx: 'word',
  script: 'word',
  css: 'url',
  restructuredtext: 'directive',
  asciidoc: 'url',
  plain: 'word',
};
/** Languages in which quotes enclose URLs in attributes, and string literals elsewhere. */
const ATTRIBUTES_AND_STRINGS: ReadonlySet<Language> = new Set(['mdx', 'component', 'jsx']);
const QUOTES: Readonly<Record<string, PathSyntax>> = { '"': 'double', "'": 'single', '`': 'template' };

/** Returns the syntax of a path without quotes or brackets. */
export function defaultSyntax(language: Language): PathSyntax {
  return DEFAULTS[language];
}

/**
 * Returns the syntax of a path in quotes.
 * @param before the text of the line up to the opening quote
 */
export function quotedSyntax(language: Language, quote: string, before: string): PathSyntax {
  if (language === 'restructuredtext') return 'directive';
  const isString = ATTRIBUTES_AND_STRINGS.has(language)
    ? !/[\w:-]=$/.test(before)
    : DEFAULTS[language] !== 'url' || quote === '`';
  return isString ? (QUOTES[quote] ?? 'word') : 'url';
}

/** Returns the syntax for a path at a column of a line. */
export function syntaxAt(line: string, column: number, language: Language): PathSyntax {
  for (const quote of Object.keys(QUOTES)) {
    const start = line.lastIndexOf(quote, column - 1);
    if (column > 0 && start >= 0 && line.includes(quote, column)) {
      return quotedSyntax(language, quote, line.slice(0, start));
    }
  }
  return defaultSyntax(language);
}

/** Encodes a path with '/' as the separator in a syntax. */
export function encodePath(path: string, syntax: PathSyntax): string {
  switch (syntax) {
    case 'url':
      return path.replace(URL_UNSAFE, percentEncoded);
    case 'angle':
      return path.replace(URL_UNSAFE, (character) =>
        ' ()[]"\''.includes(character) ? character : percentEncoded(character),
      );
    case 'double':
      return escaped(path, /["\\]/g);
    case 'single':
      return escaped(path, /['\\]/g);
    case 'template':
      return escaped(path, /[`\\]|\$(?=\{)/g);
    case 'directive':
      return path.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, percentEncoded).replace(/[\s\\]/g, '\\$&');
    case 'word':
      return path;
  }
}

/**
 * Characters with a meaning in a URL, in Markdown, HTML, CSS or AsciiDoc. Letters of all scripts stay readable. The
 * text before a colon would be parsed as a scheme.
 */
const URL_UNSAFE = /[\p{Cc}\p{Cf}\p{Z}\p{Cs}"'<>()[\]{}\\^`|%#?:&*;]/gu;

/**
 * Percent-encodes a character in UTF-8. A lone surrogate, which is not a character, becomes the replacement character.
 */
function percentEncoded(character: string): string {
  const bytes = new TextEncoder().encode(character);
  return Array.from(bytes, (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}

function escaped(path: string, special: RegExp): string {
  return path
    .replace(special, '\\$&')
    .replace(/\p{Cc}/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
