import { IMAGE_EXTENSIONS, UserError } from '../../clip/index.ts';
import { globTrouble, isGlob } from '../files/safeGlob.ts';

/**
 * The language of a search:
 *
 *   red car            free words make one phrase
 *   "red car"          a phrase of its own, besides the free words
 *   +sunset  -road     adds, or moves away from, one word; also +"two words", -"two words"
 *   +night.png         adds an image; -night.png moves away from it; quoted where the path has spaces
 *   2*sunset  -0.5*road  weights, 1 without
 *   path:icons/  -path:test  only, or none of, the paths that contain this, or match it where it has * ? [ or {
 *
 * A sign counts at the start of a word alone: "night-time" is a word. In quotes, \" is a quote and \\ a backslash.
 */
export interface Query {
  readonly terms: readonly ParsedTerm[];
  readonly filters: readonly PathFilter[];
}

/** A negative weight moves away from the term. */
export type ParsedTerm =
  | { readonly kind: 'text'; readonly text: string; readonly weight: number }
  | { readonly kind: 'image'; readonly path: string; readonly weight: number };

export interface PathFilter {
  readonly pattern: string;
  /** Whether matching paths are left out. */
  readonly exclude: boolean;
}

/** A mistake in a query, and where it is. */
export class QueryError extends UserError {
  /** Of the character that is wrong, from 0. */
  readonly position: number;

  constructor(message: string, query: string, position: number) {
    super(`${message}\n  ${query.replace(/\s/g, ' ')}\n  ${' '.repeat(position)}^ character ${position + 1}`);
    this.position = position;
  }
}

const isImage = new RegExp(`[^/\\\\]\\.(${IMAGE_EXTENSIONS.join('|')})$`, 'i');
const WEIGHT = /(\d+\.?\d*|\.\d+)\*/y;
const PATH = /path:/iy;
const MAX_WEIGHT = 100;

/** @throws QueryError */
export function parseQuery(query: string): Query {
  const terms: ParsedTerm[] = [];
  const filters: PathFilter[] = [];
  const phrase: string[] = [];
  let phraseIndex: number | undefined;
  const fail = (message: string, position: number): never => {
    throw new QueryError(message, query, position);
  };

  let at = 0;
  /** Reads what the expression matches here. */
  const take = (expression: RegExp): RegExpExecArray | null => {
    expression.lastIndex = at;
    const match = expression.exec(query);
    if (match) at = expression.lastIndex;
    return match;
  };
  /** A word, or a quoted phrase without its quotes. */
  const body = (): { text: string; quoted: boolean } => {
    if (query[at] !== '"') return { text: take(/\S*/y)?.[0] ?? '', quoted: false };
    const start = at;
    const quoted = take(/"((?:[^"\\]|\\.)*)"/sy) ?? fail('This quote is not closed. Add a " at its end.', start);
    if (at < query.length && !/\s/.test(query[at] ?? '')) fail('Put a space behind the closing quote.', at);
    const text = (quoted[1] ?? '').replace(/\\(["\\])/g, '$1');
    if (text.trim() === '') fail('There is nothing between these quotes.', start);
    return { text, quoted: true };
  };

  for (take(/\s*/y); at < query.length; take(/\s*/y)) {
    const start = at;
    const sign = take(/[+-]/y)?.[0];
    const weightAt = at;
    const weightText = take(WEIGHT)?.[1];
    const weight = Number(weightText ?? 1);
    if (weight <= 0 || weight > MAX_WEIGHT) fail(`A weight is above 0 and at most ${MAX_WEIGHT}.`, weightAt);

    if (take(PATH)) {
      if (weightText !== undefined) fail('A path has no weight: it is matched or not.', weightAt);
      const patternAt = at;
      const { text } = body();
      if (text === '') fail('Say which paths, as in path:icons/', at);
      const trouble = isGlob(text) ? globTrouble(text) : undefined;
      if (trouble !== undefined) fail(trouble, patternAt);
      filters.push({ pattern: text, exclude: sign === '-' });
      continue;
    }
    const { text, quoted } = body();
    if (text === '') {
      const shown = query.slice(start, at);
      fail(`There is nothing behind "${shown}". Write it and the word together, as in ${shown}road`, start);
    }
    if (sign === undefined && weightText === undefined && !quoted) {
      phraseIndex ??= terms.length;
      phrase.push(text);
      continue;
    }
    const signed = sign === '-' ? -weight : weight;
    if ((sign !== undefined || weightText !== undefined) && isImage.test(text)) {
      terms.push({ kind: 'image', path: text, weight: signed });
    } else {
      terms.push({ kind: 'text', text: text.replace(/\s+/g, ' ').trim(), weight: signed });
    }
  }
  if (phraseIndex !== undefined) terms.splice(phraseIndex, 0, { kind: 'text', text: phrase.join(' '), weight: 1 });
  if (terms.length === 0) {
    fail(
      filters.length ? 'Say what to look for in these paths.' : 'Say what to look for, as in: red car',
      query.length,
    );
  }
  return { terms, filters };
}
