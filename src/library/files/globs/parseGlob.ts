import { parseBrackets } from './brackets.ts';
import {
  ANY_CONTENT,
  ANY_FOLDERS,
  ANY_PATH,
  character,
  choice,
  literal,
  NAME_CHARACTER,
  nameCharacter,
  NOTHING,
  optional,
  repeat,
  SEPARATOR,
  sequence,
  type Pattern,
} from './pattern.ts';

/** Most characters of a glob. Paths are rarely longer. */
export const MOST_CHARACTERS = 1000;
/** Most numbers or letters in a range such as {1..100}. */
const MOST_IN_RANGE = 1000;
/** Characters of sets that mean only themselves: "[id].png" is also the name of a file. */
const PLAIN_SET = /^[^-*+?.^${}(|)[\]\\!]+$/;

/** The reason why a glob is not valid, as the rest of a sentence that begins with the glob. */
export class GlobMistake extends Error {}

export interface ParsedGlob {
  readonly pattern: Pattern;
  /** Whether the glob begins with "!": it matches all paths that the pattern does not match. */
  readonly negated: boolean;
}

/** @throws GlobMistake */
export function parseGlob(glob: string): ParsedGlob {
  if (glob === '') throw new GlobMistake('is empty. Enter a glob such as *.png');
  if (glob.length > MOST_CHARACTERS) {
    throw new GlobMistake(`has ${glob.length} characters, but the limit is ${MOST_CHARACTERS}. Shorten it`);
  }
  const [marks = ''] = /^(?:!(?!\())*/.exec(glob) ?? [];
  const body = glob.slice(marks.length).replace(/^(?:\.\/)+/, '');
  return { pattern: new GlobParser(body, 'glob').parse(), negated: marks.length % 2 === 1 };
}

/**
 * Parses the pattern of a rule of a .gitignore file, without "!" and slashes at its ends. It has no braces and groups.
 * @throws GlobMistake
 */
export function parseGitPattern(pattern: string): Pattern {
  return new GlobParser(pattern, 'git').parse();
}

class GlobParser {
  readonly #glob: string;
  readonly #isGit: boolean;
  #at = 0;

  constructor(glob: string, syntax: 'glob' | 'git') {
    this.#glob = glob;
    this.#isGit = syntax === 'git';
  }

  parse(): Pattern {
    return this.#sequence('', true);
  }

  /**
   * @param ends characters that end the sequence
   * @param isStart whether the sequence begins at the start of a name
   */
  #sequence(ends: string, isStart: boolean): Pattern {
    const parts: Pattern[] = [];
    let isAtStart = isStart;
    for (;;) {
      const next = this.#character();
      if (next === '' || ends.includes(next)) return sequence(parts);
      if (next === '/') {
        this.#at++;
        parts.push(SEPARATOR);
        isAtStart = true;
        continue;
      }
      const folders = isAtStart ? this.#folders(parts, ends) : undefined;
      if (folders === 'inside') continue;
      if (folders === undefined) parts.push(this.#part(next, isAtStart, ends));
      isAtStart = false;
    }
  }

  /** Takes ** that is a whole name. Returns whether the glob goes on inside these folders, or ends with them. */
  #folders(parts: Pattern[], ends: string): 'inside' | 'all' | undefined {
    const [stars = ''] = /^\*\*+/.exec(this.#glob.slice(this.#at)) ?? [];
    if (stars === '') return undefined;
    const after = this.#glob.charAt(this.#at + stars.length);
    if (after === '/') {
      this.#at += stars.length + 1;
      const isRepeated = /^\*\*+(?:\/|$)/.test(this.#glob.slice(this.#at));
      if (!isRepeated) parts.push(ANY_FOLDERS);
      return 'inside';
    }
    if (after !== '' && !ends.includes(after)) return undefined;
    this.#at += stars.length;
    // In a glob, "a/**" also matches "a", but "*/**" matches no file of the root. In a rule of Git, neither does.
    const before = parts.at(-2);
    const isAfterStar = before?.kind === 'repeat' && before.part === NAME_CHARACTER;
    if (parts.at(-1) === SEPARATOR && !isAfterStar && !this.#isGit) parts.splice(-1, 1, optional(ANY_CONTENT));
    else parts.push(ANY_PATH);
    return 'all';
  }

  #part(first: string, isAtStart: boolean, ends: string): Pattern {
    if (!this.#isGit && '?*+@!'.includes(first) && this.#glob.charAt(this.#at + 1) === '(') {
      const group = this.#group(first, isAtStart);
      if (group) return group;
    }
    switch (first) {
      case '*': {
        while (this.#character() === '*') this.#at++;
        const next = this.#character();
        const isWholeName = isAtStart && (next === '' || next === '/' || ends.includes(next));
        return repeat(NAME_CHARACTER, isWholeName ? 1 : 0);
      }
      case '?':
        this.#at++;
        return NAME_CHARACTER;
      case '[':
        return this.#set();
      case '{':
        return this.#isGit ? this.#literal() : this.#braces(isAtStart);
      case '\\': {
        this.#at++;
        if (this.#character() === '') {
          throw new GlobMistake('ends in a backslash that escapes nothing. Remove it, or write \\\\ for a backslash');
        }
        return this.#literal();
      }
      default:
        return this.#literal();
    }
  }

  /** Takes ?(…), *(…), +(…) or @(…). Returns undefined if the parenthesis is never closed. */
  #group(kind: string, isAtStart: boolean): Pattern | undefined {
    if (this.#closing(this.#at + 1, '(', ')') === undefined) return undefined;
    if (kind === '!')
      throw new GlobMistake('contains !(…), which is not supported. Exclude these paths in another way');
    this.#at += 2;
    const options = choice(this.#options('|', ')', isAtStart));
    if (kind === '@') return options;
    return kind === '?' ? optional(options) : repeat(options, kind === '+' ? 1 : 0);
  }

  #set(): Pattern {
    const brackets = parseBrackets(this.#glob, this.#at);
    if (!brackets && this.#isGit) throw new GlobMistake('has a [ that is never closed');
    if (!brackets) return this.#literal();
    const text = this.#glob.slice(this.#at, brackets.end);
    this.#at = brackets.end;
    const set = nameCharacter(brackets.ranges, brackets.negated);
    return !this.#isGit && PLAIN_SET.test(text.slice(1, -1)) ? choice([set, literal(text)]) : set;
  }

  /** Takes {a,b} or {1..3}. Other braces mean themselves. */
  #braces(isAtStart: boolean): Pattern {
    const end = this.#closing(this.#at, '{', '}');
    if (end === undefined) return this.#literal();
    const content = this.#glob.slice(this.#at + 1, end.at);
    const range = end.hasSeparator ? undefined : rangeOf(content);
    if (!range && !end.hasSeparator) return this.#literal();
    if (range) {
      this.#at = end.at + 1;
      return choice(range.map(literal));
    }
    this.#at++;
    return choice(this.#options(',', '}', isAtStart));
  }

  #options(separator: string, closing: string, isAtStart: boolean): Pattern[] {
    const options: Pattern[] = [];
    for (;;) {
      options.push(this.#character() === closing ? NOTHING : this.#sequence(separator + closing, isAtStart));
      const end = this.#character();
      this.#at++;
      if (end !== separator) return options;
    }
  }

  /** Finds the bracket that closes the one at an index. */
  #closing(start: number, opening: string, closing: string): { at: number; hasSeparator: boolean } | undefined {
    let [depth, hasSeparator] = [0, false];
    for (let at = start; at < this.#glob.length; at++) {
      const found = this.#glob.charAt(at);
      if (found === '\\') at++;
      else if (found === '[') at = (parseBrackets(this.#glob, at)?.end ?? at + 1) - 1;
      else if (found === opening) depth++;
      else if (found === closing && --depth === 0) return { at, hasSeparator };
      else if (found === ',' && depth === 1) hasSeparator = true;
    }
    return undefined;
  }

  #literal(): Pattern {
    const code = this.#glob.codePointAt(this.#at) ?? 0;
    const text = String.fromCodePoint(code);
    this.#at += text.length;
    return character(text);
  }

  /** The character at the position; '' at the end. */
  #character(): string {
    return this.#glob.charAt(this.#at);
  }
}

/** The numbers or characters of a range such as 1..12 or a..f; undefined if the text is no range. */
function rangeOf(text: string): string[] | undefined {
  const [, from, to] = /^(-?\d{1,15})\.\.(-?\d{1,15})$/.exec(text) ?? /^([^.\d])\.\.([^.\d])$/.exec(text) ?? [];
  if (from === undefined || to === undefined) return undefined;
  const isNumber = /\d/.test(from);
  const valueOf = (end: string): number => (isNumber ? Number(end) : end.charCodeAt(0));
  const first = Math.min(valueOf(from), valueOf(to));
  const count = Math.abs(valueOf(from) - valueOf(to)) + 1;
  if (count > MOST_IN_RANGE) {
    throw new GlobMistake(
      `contains {${text}}, a range of ${count} values, but the limit is ${MOST_IN_RANGE}. Use * instead`,
    );
  }
  const isPadded = [from, to].some((end) => /^-?0\d/.test(end));
  const width = isPadded ? Math.max(from.length, to.length) : 0;
  return Array.from({ length: count }, (_, i) =>
    isNumber ? String(first + i).padStart(width, '0') : String.fromCharCode(first + i),
  );
}
