import { printable } from '../../base/printable.ts';
import { UserError } from '../../base/userError.ts';
import { IMAGE_EXTENSIONS } from '../../clip/index.ts';
import { globMistake, isGlob } from '../files/globs/matcher.ts';

/**
 * A parsed query. Its syntax:
 *
 *   red car            all plain words form one phrase
 *   "red car"          a separate phrase
 *   +sunset  -road     adds a word, or moves away from it; also +"two words", -"two words"
 *   +night.png         adds an image; -night.png moves away from it; quoted if the path contains spaces
 *   2*sunset  -0.5*road  weights; the default is 1
 *   path:icons/  -path:test  includes or excludes paths that contain the text, or match it if it is a glob
 *                      (contains * ? [ or {)
 *
 * A sign counts only at the start of a word: "night-time" is a word. In quotes, \" is a quote and \\ a backslash.
 */
export interface Query {
  readonly terms: readonly ParsedTerm[];
  readonly filters: readonly PathFilter[];
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

/** Reports a mistake in a query, with its position. */
export class QueryError extends UserError {
  /** Index of the character where the mistake is. */
  readonly position: number;

  constructor(message: string, query: string, position: number) {
    const shown = (part: string): string => printable(part.replace(/\s/g, ' '));
    const indentation = ' '.repeat(shown(query.slice(0, position)).length);
    super([message, `  ${shown(query)}`, `  ${indentation}^ character ${position + 1}`]);
    this.position = position;
  }
}

const isImage = new RegExp(`[^/\\\\]\\.(${IMAGE_EXTENSIONS.join('|')})$`, 'i');
const WEIGHT = /(\d+\.?\d*|\.\d+)\*/y;
const PATH = /path:/iy;
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
      if (this.#take(PATH)) this.#filter(prefix);
      else this.#term(prefix, start);
    }
    const [terms, filters] = [this.#terms, this.#filters];
    if (this.#phraseIndex !== undefined) {
      terms.splice(this.#phraseIndex, 0, { kind: 'text', text: this.#phrase.join(' '), weight: 1 });
    }
    if (terms.length > 0) return { terms, filters };
    const message =
      filters.length > 0
        ? 'The query has only path filters. Add words to search for.'
        : 'The query is empty. Enter words to search for, such as: red car';
    return this.#fail(message, this.#query.length);
  }

  #prefix(): Prefix {
    const sign = this.#take(/[+-]/y)?.[0];
    const weightAt = this.#at;
    const text = this.#take(WEIGHT)?.[1];
    const weight = text === undefined ? undefined : Number(text);
    if (weight !== undefined && (weight <= 0 || weight > MAX_WEIGHT)) {
      this.#fail(`A weight must be above 0 and at most ${MAX_WEIGHT}.`, weightAt);
    }
    return { sign, weight, weightAt };
  }

  #filter({ sign, weight, weightAt }: Prefix): void {
    if (weight !== undefined) this.#fail('A path filter cannot have a weight. Remove the weight.', weightAt);
    const patternAt = this.#at;
    const { text } = this.#word();
    if (text === '') this.#fail('Add a path after "path:", as in path:icons/', this.#at);
    const mistake = isGlob(text) ? globMistake(text) : undefined;
    if (mistake !== undefined) this.#fail(mistake, patternAt);
    this.#filters.push({ pattern: text, exclude: sign === '-' });
  }

  #term({ sign, weight }: Prefix, start: number): void {
    const { text, quoted } = this.#word();
    if (text === '') {
      const shown = this.#query.slice(start, this.#at);
      this.#fail(`There is no word after "${shown}". Write both without a space, as in ${shown}road`, start);
    }
    const hasPrefix = sign !== undefined || weight !== undefined;
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
    const quoted =
      this.#take(/"((?:[^"\\]|\\.)*)"/sy) ?? this.#fail('This quote is not closed. Add a closing ".', start);
    if (this.#at < this.#query.length && !/\s/.test(this.#query[this.#at] ?? '')) {
      this.#fail('Add a space after the closing quote.', this.#at);
    }
    const text = (quoted[1] ?? '').replace(/\\(["\\])/g, '$1');
    if (text.trim() === '') this.#fail('There is no text between these quotes. Add words or remove the quotes.', start);
    return { text, quoted: true };
  }

  /** Reads the text that a sticky expression matches at the current position. */
  #take(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.#at;
    const match = expression.exec(this.#query);
    if (match) this.#at = expression.lastIndex;
    return match;
  }

  #fail(message: string, position: number): never {
    throw new QueryError(message, this.#query, position);
  }
}
