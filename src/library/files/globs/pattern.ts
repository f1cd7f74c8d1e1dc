/** A regular expression over the characters of a path, without anything that needs backtracking. */
export type Pattern =
  | CharacterSet
  | { readonly kind: 'sequence'; readonly parts: readonly Pattern[] }
  | { readonly kind: 'choice'; readonly options: readonly Pattern[] }
  | { readonly kind: 'repeat'; readonly part: Pattern; readonly atLeast: 0 | 1 };

/** One character (code point) that lies, or does not lie, in one of the ranges. */
export interface CharacterSet {
  readonly kind: 'set';
  readonly ranges: readonly Range[];
  readonly negated: boolean;
}

/** The first and the last code point. */
export type Range = readonly [first: number, last: number];

const SLASH = 0x2f;

export const NOTHING: Pattern = sequence([]);
export const SEPARATOR: Pattern = character('/');
/** `?`: a character of a name. */
export const NAME_CHARACTER: CharacterSet = { kind: 'set', ranges: [[SLASH, SLASH]], negated: true };
const ANYTHING: Pattern = { kind: 'repeat', part: { kind: 'set', ranges: [], negated: true }, atLeast: 0 };

/** Any number of folders, each with a slash: the first part of a path. */
export const ANY_FOLDERS: Pattern = optional(sequence([ANYTHING, SEPARATOR]));
/** All of a path. */
export const ANY_PATH: Pattern = ANYTHING;
/** The rest of a path below a folder. */
export const ANY_CONTENT: Pattern = sequence([SEPARATOR, ANYTHING]);

export function sequence(parts: readonly Pattern[]): Pattern {
  return { kind: 'sequence', parts };
}

export function choice(options: readonly Pattern[]): Pattern {
  return { kind: 'choice', options };
}

export function optional(part: Pattern): Pattern {
  return { kind: 'choice', options: [NOTHING, part] };
}

export function repeat(part: Pattern, atLeast: 0 | 1): Pattern {
  return { kind: 'repeat', part, atLeast };
}

export function character(text: string): Pattern {
  const code = text.codePointAt(0) ?? 0;
  return { kind: 'set', ranges: [[code, code]], negated: false };
}

export function literal(text: string): Pattern {
  return sequence(Array.from(text, character));
}

/** A character of a name in, or outside, a set: never a slash, as in Git and in shells. */
export function nameCharacter(ranges: readonly Range[], negated: boolean): CharacterSet {
  if (negated) return { kind: 'set', ranges: [...ranges, [SLASH, SLASH]], negated };
  const parts = ranges.flatMap(([first, last]): Range[] =>
    first <= SLASH && last >= SLASH
      ? [
          [first, SLASH - 1],
          [SLASH + 1, last],
        ]
      : [[first, last]],
  );
  return { kind: 'set', ranges: parts.filter(([first, last]) => first <= last), negated };
}

/** Number of characters and branches of a pattern, which bounds the work for each character of a path. */
export function sizeOf(pattern: Pattern): number {
  switch (pattern.kind) {
    case 'set':
      return 1;
    case 'sequence':
      return pattern.parts.reduce((sum, part) => sum + sizeOf(part), 0);
    case 'choice':
      return pattern.options.reduce((sum, option) => sum + sizeOf(option) + 1, 0);
    case 'repeat':
      return sizeOf(pattern.part) + 1;
  }
}
