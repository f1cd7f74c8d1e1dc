import { UserError } from '../../base/userError.ts';
import { IMAGE_EXTENSIONS } from '../../clip/index.ts';
import { globMistake, isGlob } from '../files/globs/matcher.ts';
import { parseColour, type Colour } from './colours/colour.ts';
import { QueryError, type QueryMistake } from './queryMistakes.ts';

/**
 * A parsed query. Its syntax:
 *
 *   red car            all plain words form one phrase
 *   "red car"          a separate phrase
 *   +sunset  -road     adds a word, or moves away from it; also +"two words", -"two words"
 *   +night.png         adds an image; -night.png moves away from it; quoted if the path contains spaces
 *   2*sunset  -0.5*road  weights; the default is 1
 *   fruit without apple  the same as fruit -apple; also "no" and "not" after a word
 *   color:red  -color:#e11d2e  includes or excludes images in which the colour covers some of the picture
 *   path:icons/  -path:test  includes or excludes paths that contain the text, or match it if it is a glob
 *                      (contains * ? [ or {)
 *
 * A sign counts only at the start of a word: "night-time" is a word. In quotes, \" is a quote and \\ a backslash.
 */
export interface Query {
  readonly terms: readonly ParsedTerm[];
  readonly filters: readonly PathFilter[];
  readonly colours: readonly ColourFilter[];
}

/** A term of a query. A negative weight moves away from it. */
export type ParsedTerm =
  | { readonly kind: 'text'; readonly text: string; readonly weight: number }
  | { readonly kind: 'image'; readonly path: string; readonly weight: number };

export interface PathFilter {
  readonly pattern: string;
  /** Whether matching paths are excluded. */
  readonly exclude: boolean;
}

export interface ColourFilter {
  readonly colour: Colour;
  /** Whether images with the colour are excluded. */
  readonly exclude: boolean;
}

const isImage = new RegExp(`[^/\\\\]\\.(${IMAGE_EXTENSIONS.join('|')})$`, 'i');
const WEIGHT = /(\d+\.?\d*|\.\d+)\*/y;
const PATH = /path:/iy;
const COLOUR = /colou?r:/iy;
/** A word that excludes the next one, and the articles in between. */
const NEGATION = /^(without|no|not)$/i;
const ARTICLES = /\s+(?:(?:a|an|any|the)\s+)?(?![+-]|path:|colou?r:|\s|$)/iy;
const MAX_WEIGHT = 100;

/** Most characters of a query: about a page of text. */
const MOST_CHARACTERS = 4000;

/** @throws QueryError; UserError if the query is too long */
export function parseQuery(query: string): Query {
  if (query.length > MOST_CHARACTERS) {
    throw new UserError(`The query has ${query.length} characters, but the limit is ${MOST_CHARACTERS}. Shorten it.`);
  }
  return new QueryParser(query).parse();
}

/** The sign and weight before a term or filter. */
interface Prefix {
  readonly sign: string | undefined;
  readonly weight: number | undefined;
  /** Index of the weight. */
  readonly weightAt: number;
}

class QueryParser {
  readonly #query: string;
  readonly #terms: ParsedTerm[] = [];
  readonly #filters: PathFilter[] = [];
  readonly #colours: ColourFilter[] = [];
  /** The plain words, which form one term at the position of the first. */
  readonly #phrase: string[] = [];
  #phraseIndex: number | undefined;
  /** Index of the next character. */
  #at = 0;

  constructor(query: string) {
    this.#query = query;
  }

  parse(): Query {
    for (this.#take(/\s*/y); this.#at < this.#query.length; this.#take(/\s*/y)) {
      const start = this.#at;
      const prefix = this.#prefix();
      if (this.#take(PATH)) this.#pathFilter(prefix);
      else if (this.#take(COLOUR)) this.#colourFilter(prefix);
      else this.#term(prefix, start);
    }
    const [terms, filters, colours] = [this.#terms, this.#filters, this.#colours];
    if (this.#phraseIndex !== undefined) {
      terms.splice(this.#phraseIndex, 0, { kind: 'text', text: this.#phrase.join(' '), weight: 1 });
    }
    if (terms.length + filters.length + colours.length > 0) return { terms, filters, colours };
    return this.#fail({ kind: 'empty' }, this.#query.length);
  }

  #prefix(): Prefix {
    const sign = this.#take(/[+-]/y)?.[0];
    const weightAt = this.#at;
    const text = this.#take(WEIGHT)?.[1];
    const weight = text === undefined ? undefined : Number(text);
    if (weight !== undefined && (weight <= 0 || weight > MAX_WEIGHT)) {
      this.#fail({ kind: 'weight', most: MAX_WEIGHT }, weightAt);
    }
    return { sign, weight, weightAt };
  }

  #pathFilter({ sign, weight, weightAt }: Prefix): void {
    if (weight !== undefined) this.#fail({ kind: 'filterWeight' }, weightAt);
    const patternAt = this.#at;
    const { text } = this.#word();
    if (text === '') this.#fail({ kind: 'noPath' }, this.#at);
    const trouble = isGlob(text) ? globMistake(text) : undefined;
    if (trouble !== undefined) this.#fail({ kind: 'glob', trouble }, patternAt);
    this.#filters.push({ pattern: text, exclude: sign === '-' });
  }

  #colourFilter({ sign, weight, weightAt }: Prefix): void {
    if (weight !== undefined) this.#fail({ kind: 'filterWeight' }, weightAt);
    const colourAt = this.#at;
    const { text } = this.#word();
    if (text === '') this.#fail({ kind: 'noColour' }, this.#at);
    const colour = parseColour(text) ?? this.#fail({ kind: 'unknownColour', colour: text }, colourAt);
    this.#colours.push({ colour, exclude: sign === '-' });
  }

  #term({ sign, weight }: Prefix, start: number): void {
    const { text, quoted } = this.#word();
    if (text === '') {
      const shown = this.#query.slice(start, this.#at);
      this.#fail({ kind: 'noWord', prefix: shown }, start);
    }
    const hasPrefix = sign !== undefined || weight !== undefined;
    const isAfterWord = this.#phrase.length + this.#terms.length > 0;
    if (!hasPrefix && !quoted && isAfterWord && NEGATION.test(text) && this.#take(ARTICLES)) {
      this.#terms.push({ kind: 'text', text: this.#word().text, weight: -1 });
      return;
    }
    if (!hasPrefix && !quoted) {
      this.#phraseIndex ??= this.#terms.length;
      this.#phrase.push(text);
      return;
    }
    const signed = (sign === '-' ? -1 : 1) * (weight ?? 1);
    if (hasPrefix && isImage.test(text)) this.#terms.push({ kind: 'image', path: text, weight: signed });
    else this.#terms.push({ kind: 'text', text: text.replace(/\s+/g, ' ').trim(), weight: signed });
  }

  /** Reads a word, or a quoted phrase without its quotes. */
  #word(): { readonly text: string; readonly quoted: boolean } {
    if (this.#query[this.#at] !== '"') return { text: this.#take(/\S*/y)?.[0] ?? '', quoted: false };
    const start = this.#at;
    const quoted = this.#take(/"((?:[^"\\]|\\.)*)"/sy) ?? this.#fail({ kind: 'unclosedQuote' }, start);
    if (this.#at < this.#query.length && !/\s/.test(this.#query[this.#at] ?? '')) {
      this.#fail({ kind: 'spaceAfterQuote' }, this.#at);
    }
    const text = (quoted[1] ?? '').replace(/\\(["\\])/g, '$1');
    if (text.trim() === '') this.#fail({ kind: 'emptyQuote' }, start);
    return { text, quoted: true };
  }

  /** Reads the text that a sticky expression matches at the current position. */
  #take(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.#at;
    const match = expression.exec(this.#query);
    if (match) this.#at = expression.lastIndex;
    return match;
  }

  #fail(mistake: QueryMistake, position: number): never {
    throw new QueryError(mistake, this.#query, position);
  }
}
