import type { Range } from './pattern.ts';

/** A set of characters in brackets: [abc], [a-z], [!0-9], [[:digit:]]. */
export interface Brackets {
  readonly ranges: readonly Range[];
  readonly negated: boolean;
  /** Index of the character after the set. */
  readonly end: number;
}

const code = (text: string): number => text.codePointAt(0) ?? 0;
const between = (ends: string): Range => [code(ends), code(ends.charAt(1))];
const upper = between('AZ');
const lower = between('az');
const digits = between('09');
const punctuation = ['!/', ':@', '[`', '{~'].map(between);

const classes: Readonly<Record<string, readonly Range[]>> = {
  alnum: [upper, lower, digits],
  alpha: [upper, lower],
  blank: [between('  '), between('\t\t')],
  cntrl: [
    [0, 31],
    [127, 127],
  ],
  digit: [digits],
  graph: [between('!~')],
  lower: [lower],
  print: [between(' ~')],
  punct: punctuation,
  space: [between('  '), between('\t\r')],
  upper: [upper],
  xdigit: [digits, between('AF'), between('af')],
  word: [upper, lower, digits, between('__')],
};

/** Parses the set that begins at an index. Returns undefined if it is never closed. */
export function parseBrackets(text: string, start: number): Brackets | undefined {
  let at = start + 1;
  const negated = text.charAt(at) === '!' || text.charAt(at) === '^';
  if (negated) at++;
  const ranges: Range[] = [];
  for (let isFirst = true; at < text.length; isFirst = false) {
    if (text.charAt(at) === ']' && !isFirst) return { ranges, negated, end: at + 1 };
    const [named = '', name = ''] = text.startsWith('[:', at)
      ? (/^\[:([a-z]{1,8}):\]/.exec(text.slice(at, at + 12)) ?? [])
      : [];
    const known = classes[name];
    if (known) {
      ranges.push(...known);
      at += named.length;
      continue;
    }
    const first = memberAt(text, at);
    at = first.end;
    const isRange = text.charAt(at) === '-' && at + 1 < text.length && text.charAt(at + 1) !== ']';
    const last = isRange ? memberAt(text, at + 1) : first;
    at = last.end;
    ranges.push([first.code, last.code]);
  }
  return undefined;
}

/** A character of the set, which may be escaped. */
function memberAt(text: string, at: number): { readonly code: number; readonly end: number } {
  const position = text.charAt(at) === '\\' && at + 1 < text.length ? at + 1 : at;
  const member = text.codePointAt(position) ?? 0;
  return { code: member, end: position + (member > 0xffff ? 2 : 1) };
}
