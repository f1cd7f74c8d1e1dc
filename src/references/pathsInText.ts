/** A piece of a line that may be the path of a file. */
export interface PathInText {
  /** As it is written, without quotes. */
  readonly text: string;
  /** Columns in the line: first, and after the last. */
  readonly start: number;
  readonly end: number;
}

/** What is looked at around a column: a minified line or a data URI may have millions of characters. */
const REACH = 1000;

type Found = readonly [text: string, start: number];

/**
 * The texts around a column that may be paths, the likeliest first: what url() or a Markdown link encloses, what stands in angle
 * brackets or quotes, and at last words. Whether one is a path only the disk can tell.
 */
export function pathsAt(line: string, column: number): PathInText[] {
  const from = Math.max(0, column - REACH);
  const window = line.slice(from, column + REACH);
  const at = column - from;
  const found = [...cssUrls(window), ...markdownTargets(window), ...enclosed(window, at), ...words(window, at)];
  const seen = new Set<string>();
  return found.flatMap(([text, start]) => {
    const key = `${start} ${text}`;
    const around = start <= at && at <= start + text.length;
    if (!around || text === '' || seen.has(key)) return [];
    seen.add(key);
    return [{ text, start: from + start, end: from + start + text.length }];
  });
}

/** url(a.png), url( "a b.png" ) */
function* cssUrls(line: string): Generator<Found> {
  for (const match of line.matchAll(/\burl\(\s*("[^"]*"|'[^']*'|[^\s"'()]*)\s*\)/dg)) {
    const [start] = match.indices?.[1] ?? [0];
    const inner = match[1] ?? '';
    yield /^["']/.test(inner) ? [inner.slice(1, -1), start + 1] : [inner, start];
  }
}

/** ](a(1).png "title"), ](<a b.png>), [name]: a.png */
function* markdownTargets(line: string): Generator<Found> {
  const target = String.raw`(?:<([^<>]*)>|((?:[^\s()\\<>]|\\.|\((?:[^\s()\\]|\\.)*\))+))`;
  for (const start of [String.raw`\]\(\s*`, String.raw`^\s*\[[^\]]+\]:\s*`]) {
    for (const match of line.matchAll(new RegExp(start + target, 'gd'))) {
      const [which, place] = match[1] === undefined ? [match[2], match.indices?.[2]] : [match[1], match.indices?.[1]];
      if (which !== undefined && place) yield [which, place[0]];
    }
  }
}

/** Texts in quotes or angle brackets around the column. An apostrophe may stand for a quote: each neighbouring pair counts. */
function* enclosed(line: string, at: number): Generator<Found> {
  for (const [open, close] of ['""', "''", '``', '<>']) {
    if (open === undefined || close === undefined) continue;
    const start = line.lastIndexOf(open, at - 1);
    const end = line.indexOf(close, at);
    if (start >= 0 && end >= 0) yield [line.slice(start + 1, end), start + 1];
  }
}

/** An address, whose parts are no paths. */
const ADDRESS = /[a-z][a-z\d+.-]+:\/\/|\bdata:/i;

/** From narrow to wide: up to white space or punctuation of any language, up to white space or quotes, and the whole value of a YAML line. */
function* words(line: string, at: number): Generator<Found> {
  const [wide, start] = wordAt(line, at, /[\s"'`<>]/);
  if (!ADDRESS.test(wide)) {
    for (const found of [wordAt(line, at, /[\s"'`<>()[\]{},;=|*]/), wordAt(line, at, /[\s"'`<>,]/)]) {
      yield [found[0].replace(/[.,;:!?)\]}]+$/, ''), found[1]];
    }
    const key = /^[\w.-]+[:=](?=[^\\/])/.exec(wide); // icon:a.png, src=a.png, but not c:\a.png
    if (key) yield [wide.slice(key[0].length), start + key[0].length];
  }
  const value = /^(\s*(?:-\s+)*(?:[\w."' -]+:\s+)?)(\S.*?)\s*(?:\s#.*)?$/.exec(line);
  if (value) yield [value[2] ?? '', value[1]?.length ?? 0];
}

/** What follows a backslash belongs to the word, as in shells. */
function wordAt(line: string, at: number, stop: RegExp): Found {
  const stops = (i: number): boolean => stop.test(line[i] ?? '') && line[i - 1] !== '\\';
  let [start, end] = [at, at];
  while (start > 0 && !stops(start - 1)) start--;
  while (end < line.length && !stops(end)) end++;
  return [line.slice(start, end), start];
}
