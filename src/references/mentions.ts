import type { ImageInText } from './imagePaths.ts';

/** A place in a text that means one image. */
export interface Mention {
  /** From 0. */
  readonly line: number;
  /** Columns of the path in its line: first, and after the last. */
  readonly start: number;
  readonly end: number;
  /** The line without the white space around it; of a long one what is around the path. */
  readonly text: string;
  /** Where the path begins in `text`. */
  readonly at: number;
}

/** How the name of a file may be written in a text. */
export interface WrittenName {
  /** All of its spellings; global. */
  readonly pattern: RegExp;
  /** What is the same in all spellings, its longest part, in UTF-8: a file without it need not be looked at. */
  readonly part: Buffer | null;
}

/** Characters that a path is written with as they are. */
const PLAIN = /[\w.-]/;
/** What a name cannot be cut out of: "a.png" is not in "data.png". A slash may be percent-encoded. */
const WITHIN_BEFORE = /(?<!%2[fF])[\p{L}\p{N}_-]$/u;
const WITHIN_AFTER = /^[\p{L}\p{N}_]/u;
/** Places of a text that are looked at: where there are more, a program wrote it. */
const MOST_PLACES = 1000;
/** Matches between two pauses. */
const MATCHES = 256;
/** Characters of a line that are shown before and behind a path. */
const BEFORE = 60;
const BEHIND = 120;

/**
 * As it is, percent-encoded, with backslashes before punctuation as Markdown, shells and JSON have them, or with \u escapes: the
 * spellings that resolveImage understands.
 * @param ignoreCase as the file system does
 */
export function writtenName(name: string, ignoreCase: boolean): WrittenName {
  const source = Array.from(name, (character) => {
    const literal = character.replace(/[$()*+.?[\\\]^{|}\/]/, '\\$&');
    if (PLAIN.test(character) && character !== '_') return literal;
    const bytes = Array.from(Buffer.from(character), (byte) => `%${hexadecimal(byte, 2)}`).join('');
    const units = Array.from({ length: character.length }, (_, i) => `\\\\u${hexadecimal(character.charCodeAt(i), 4)}`);
    return `(?:\\\\?${literal}|${bytes}|${units.join('')})`;
  }).join('');
  const [part = ''] = name.split(/[^a-zA-Z\d.-]+/).sort((a, b) => b.length - a.length);
  return {
    pattern: new RegExp(source, ignoreCase ? 'gi' : 'g'),
    part: ignoreCase || part === '' ? null : Buffer.from(part),
  };
}

/** A pattern of digits in either case. */
function hexadecimal(value: number, digits: number): string {
  const text = value.toString(16).padStart(digits, '0');
  return text.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}

export interface MentionOptions {
  /** Whether a file is the image that is looked for. */
  readonly isIt: (file: string) => boolean;
  /** What the path at a column of a line means; see findImageAt. */
  readonly imageAt: (line: string, column: number) => Promise<ImageInText | undefined>;
  /** Asked now and then: gives other work of the thread its turn when it is time. */
  readonly pause: () => Promise<void>;
}

/** The places in a text where a path stands that means one image and no other of its name. */
export async function* mentionsIn(
  text: string,
  { pattern }: WrittenName,
  { isIt, imageAt, pause }: MentionOptions,
): AsyncGenerator<Mention> {
  let line = 0;
  let lineStart = 0;
  let lastEnd = -1;
  let lookedAt = 0;
  let matches = 0;
  for (const match of text.matchAll(pattern)) {
    if (++matches % MATCHES === 0) await pause();
    const { index } = match;
    const behind = index + match[0].length;
    if (index < lastEnd) continue; // a folder of the path before has the name, too
    if (WITHIN_BEFORE.test(text.slice(Math.max(0, index - 4), index))) continue;
    if (WITHIN_AFTER.test(text.slice(behind, behind + 2))) continue;
    if (++lookedAt > MOST_PLACES) return;
    for (let end = text.indexOf('\n', lineStart); end >= 0 && end < index; end = text.indexOf('\n', lineStart)) {
      line++;
      lineStart = end + 1;
    }
    const lineEnd = text.indexOf('\n', behind);
    const content = text.slice(lineStart, lineEnd < 0 ? text.length : lineEnd).replace(/\r$/, '');
    await pause();
    const found = await imageAt(content, index - lineStart + Math.floor(match[0].length / 2));
    if (!found || !isIt(found.file)) continue;
    lastEnd = lineStart + found.end;
    yield { line, start: found.start, end: found.end, ...excerpt(content, found) };
  }
}

function excerpt(line: string, { start, end }: ImageInText): Pick<Mention, 'text' | 'at'> {
  const from = Math.max(line.length - line.trimStart().length, start - BEFORE);
  return { text: line.slice(from, end + BEHIND).trimEnd(), at: start - from };
}
