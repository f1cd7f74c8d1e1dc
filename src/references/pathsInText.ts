import type { Language } from './languages.ts';
import { defaultSyntax, quotedSyntax, type PathSyntax } from './pathSyntax.ts';

/** A part of a line that may be the path of a file. */
export interface PathInText {
  /** The path as written, without quotes. */
  readonly text: string;
  /** Column of its first character. */
  readonly start: number;
  /** Column after its last character. */
  readonly end: number;
  readonly syntax: PathSyntax;
}

/** Number of characters to search on each side of a column. A minified line or a data URI may have millions. */
const REACH = 1000;

type Candidate = readonly [text: string, start: number, syntax: PathSyntax];

/**
 * Returns the parts of a line around a column that may be paths, most likely first: the argument of url(), the target
 * of a Markdown link or an AsciiDoc image, the text in angle brackets or quotes, and words. The caller has to check
 * which of them exist.
 */
export function pathsAt(line: string, column: number, language: Language): PathInText[] {
  const from = Math.max(0, column - REACH);
  const window = line.slice(from, column + REACH);
  const at = column - from;
  const candidates = [
    ...cssUrls(window),
    ...markdownTargets(window),
    ...asciidocTargets(window),
    ...directiveTargets(window),
    ...enclosed(window, at, language),
    ...words(window, at, language),
  ];
  const seen = new Set<string>();
  return candidates.flatMap(([text, start, syntax]) => {
    const key = `${start} ${text}`;
    const isAround = start <= at && at <= start + text.length;
    if (!isAround || text === '' || seen.has(key)) return [];
    seen.add(key);
    return [{ text, start: from + start, end: from + start + text.length, syntax }];
  });
}

/** url(a.png), url( "a b.png" ) */
function* cssUrls(line: string): Generator<Candidate> {
  for (const match of line.matchAll(/\burl\(\s*("[^"]*"|'[^']*'|[^\s"'()]*)\s*\)/dg)) {
    const [start] = match.indices?.[1] ?? [0];
    const inner = match[1] ?? '';
    yield /^["']/.test(inner) ? [inner.slice(1, -1), start + 1, 'url'] : [inner, start, 'url'];
  }
}

/** ](a(1).png "title"), ](<a b.png>), [name]: a.png */
function* markdownTargets(line: string): Generator<Candidate> {
  const target = String.raw`(?:<([^<>]*)>|((?:[^\s()\\<>]|\\.|\((?:[^\s()\\]|\\.)*\))+))`;
  for (const start of [String.raw`\]\(\s*`, String.raw`^\s*\[[^\]]+\]:\s*`]) {
    for (const { 1: angle, 2: bare, indices } of line.matchAll(new RegExp(start + target, 'gd'))) {
      if (angle !== undefined) yield [angle, indices?.[1]?.[0] ?? 0, 'angle'];
      else if (bare !== undefined) yield [bare, indices?.[2]?.[0] ?? 0, 'url'];
    }
  }
}

/** image::a b.png[alt text] */
function* asciidocTargets(line: string): Generator<Candidate> {
  for (const match of line.matchAll(/\bimage::?(?![\s:])([^[\]]+)\[/dg)) {
    yield [match[1] ?? '', match.indices?.[1]?.[0] ?? 0, 'url'];
  }
}

/** .. image:: a\ b.png */
function* directiveTargets(line: string): Generator<Candidate> {
  const match = /\.\.\s+(?:\|[^|]+\|\s+)?(?:image|figure)::\s+(\S.*?)\s*$/d.exec(line);
  if (match) yield [match[1] ?? '', match.indices?.[1]?.[0] ?? 0, 'directive'];
}

/**
 * Texts in quotes or angle brackets around the column. Each neighbouring pair counts, because a quote may be an
 * apostrophe.
 */
function* enclosed(line: string, at: number, language: Language): Generator<Candidate> {
  for (const [open, close] of ['""', "''", '``', '<>']) {
    if (open === undefined || close === undefined) continue;
    const nearest = [line.lastIndexOf(open, at - 1), line.indexOf(close, at)] as const;
    for (const [start, end] of [withoutEscaped(line, ...nearest), nearest]) {
      if (start < 0 || end < 0) continue;
      const syntax = open === '<' ? 'angle' : quotedSyntax(language, open, line.slice(0, start));
      yield [line.slice(start + 1, end), start + 1, syntax];
    }
  }
}

/** Moves two offsets of quotes outwards to quotes without a preceding backslash; negative if there are none. */
function withoutEscaped(line: string, start: number, end: number): readonly [start: number, end: number] {
  const [open = '', close = ''] = [line[start], line[end]];
  let [before, after] = [start, end];
  while (before > 0 && line[before - 1] === '\\') before = line.lastIndexOf(open, before - 1);
  while (after > 0 && line[after - 1] === '\\') after = line.indexOf(close, after + 1);
  return [before, after];
}

/** A web address, whose parts are not paths. */
const ADDRESS = /[a-z][a-z\d+.-]+:\/\/|\bdata:/i;

/**
 * Words from narrow to wide: up to white space or punctuation, up to white space or quotes, and the value of a YAML
 * line.
 */
function* words(line: string, at: number, language: Language): Generator<Candidate> {
  const syntax = defaultSyntax(language);
  const [wide, start] = wordAt(line, at, /[\s"'`<>]/);
  if (!ADDRESS.test(wide)) {
    for (const stop of [/[\s"'`<>()[\]{},;=|*]/, /[\s"'`<>,]/]) {
      const [word, wordStart] = wordAt(line, at, stop);
      yield [word.replace(/[.,;:!?)\]}]+$/, ''), wordStart, syntax];
    }
    const key = /^[\w.-]+[:=](?=[^\\/])/.exec(wide); // icon:a.png, src=a.png, but not c:\a.png
    if (key) yield [wide.slice(key[0].length), start + key[0].length, syntax];
  }
  const value = /^(\s*(?:-\s+)*(?:[\w."' -]+:\s+)?)(\S.*?)\s*(?:\s#.*)?$/.exec(line);
  if (value) yield [value[2] ?? '', value[1]?.length ?? 0, 'word'];
}

/** Returns the word around a column. A character after a backslash is part of it, as in shells. */
function wordAt(line: string, at: number, stop: RegExp): readonly [text: string, start: number] {
  const stops = (i: number): boolean => stop.test(line[i] ?? '') && line[i - 1] !== '\\';
  let [start, end] = [at, at];
  while (start > 0 && !stops(start - 1)) start--;
  while (end < line.length && !stops(end)) end++;
  return [line.slice(start, end), start];
}
