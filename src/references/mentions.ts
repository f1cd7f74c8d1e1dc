import type { ImageInText } from './resolveImage.ts';

/** A reference to one image in a text. */
export interface Mention {
  /** Line of the text, from 0. */
  readonly line: number;
  /** The path in that line. */
  readonly path: ImageInText;
  readonly excerpt: Excerpt;
}

/** A part of a line to show. */
export interface Excerpt {
  /** The trimmed line, or the part around the path if the line is long. */
  readonly text: string;
  /** Offset of the path in `text`. */
  readonly at: number;
}

/** A search pattern for the ways to write a file name in a text. */
export interface NamePattern {
  /** Matches all ways; has the flag `g`. */
  readonly pattern: RegExp;
  /** The longest part that they share, in UTF-8, to skip files that do not contain it; null if there is none. */
  readonly part: Buffer | null;
}

/** Characters that are never escaped. */
const PLAIN = /[\w.-]/;
/**
 * Context that makes a match a part of a longer name, such as "a.png" in "data.png". A slash may be percent-encoded.
 */
const WITHIN_BEFORE = /(?<!%2[fF])[\p{L}\p{N}_-]$/u;
const WITHIN_AFTER = /^[\p{L}\p{N}_]/u;
/** Character references of HTML. */
const ENTITIES: Readonly<Record<string, string>> = {
  '&': 'amp',
  '<': 'lt',
  '>': 'gt',
  '"': 'quot',
  "'": 'apos',
};
/** Maximum number of matches to examine in a text. A text with more is generated. */
const MOST_PLACES = 1000;
/** Matches between two pauses. */
const MATCHES = 256;
/** Characters of a line that an excerpt has before and after a path. */
const BEFORE = 60;
const AFTER = 120;

/**
 * Returns a pattern that matches a file name in all notations that resolveImage reads: unescaped, percent-encoded, with
 * backslashes before punctuation (Markdown, shells, JSON), with \u escapes, or with HTML character references.
 * @param ignoreCase whether the file system ignores case
 */
export function namePattern(name: string, ignoreCase: boolean): NamePattern {
  const source = Array.from(name, (character) => {
    const literal = character.replace(/[$()*+.?[\\\]^{|}\/]/, '\\$&');
    if (PLAIN.test(character) && character !== '_') return literal;
    const bytes = Array.from(Buffer.from(character), (byte) => `%${hexadecimal(byte, 2)}`).join('');
    const units = Array.from({ length: character.length }, (_, i) => `\\\\u${hexadecimal(character.charCodeAt(i), 4)}`);
    const code = String(character.codePointAt(0));
    const entity = ENTITIES[character] === undefined ? '' : `|&${ENTITIES[character]};`;
    return `(?:\\\\?${literal}|${bytes}|${units.join('')}|&#${code};${entity})`;
  }).join('');
  const [part = ''] = name.split(/[^a-zA-Z\d.-]+/).sort((a, b) => b.length - a.length);
  return {
    pattern: new RegExp(source, ignoreCase ? 'gi' : 'g'),
    part: ignoreCase || part === '' ? null : Buffer.from(part),
  };
}

/** Returns a pattern of hexadecimal digits in either case. */
function hexadecimal(value: number, digits: number): string {
  const text = value.toString(16).padStart(digits, '0');
  return text.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}

export interface MentionOptions {
  /** Tells whether a path is that of the image. */
  readonly isImage: (path: ImageInText) => boolean;
  /** Returns the image whose path is at a column of a line; see findImageAt. */
  readonly imageAt: (line: string, column: number) => Promise<ImageInText | undefined>;
  /** Called regularly, so that other work of the thread can run. */
  readonly pause: () => Promise<void>;
}

/** Yields the references of a text to an image, but not to other images of the same name. */
export async function* mentionsIn(
  text: string,
  { pattern }: NamePattern,
  { isImage, imageAt, pause }: MentionOptions,
): AsyncGenerator<Mention> {
  let line = 0;
  let lineStart = 0;
  let lastEnd = -1;
  let examined = 0;
  let matches = 0;
  for (const match of text.matchAll(pattern)) {
    if (++matches % MATCHES === 0) await pause();
    const { index } = match;
    const end = index + match[0].length;
    if (index < lastEnd) continue; // part of the previous path: a folder of the same name
    if (WITHIN_BEFORE.test(text.slice(Math.max(0, index - 4), index))) continue;
    if (WITHIN_AFTER.test(text.slice(end, end + 2))) continue;
    if (++examined > MOST_PLACES) return;
    for (let eol = text.indexOf('\n', lineStart); eol >= 0 && eol < index; eol = text.indexOf('\n', lineStart)) {
      line++;
      lineStart = eol + 1;
    }
    const lineEnd = text.indexOf('\n', end);
    const content = text.slice(lineStart, lineEnd < 0 ? text.length : lineEnd).replace(/\r$/, '');
    await pause();
    const path = await imageAt(content, index - lineStart + Math.floor(match[0].length / 2));
    if (!path || !isImage(path)) continue;
    lastEnd = lineStart + path.end;
    yield { line, path, excerpt: excerptOf(content, path) };
  }
}

function excerptOf(line: string, { start, end }: ImageInText): Excerpt {
  const from = Math.max(line.length - line.trimStart().length, start - BEFORE);
  return { text: line.slice(from, end + AFTER).trimEnd(), at: start - from };
}
