import { Composer, Document, isMap, isNode, isScalar, LineCounter, Parser, visit } from 'yaml';
import { messageOf } from '../../base/userError.ts';

/** A mistake of the syntax. */
export interface SyntaxMistake {
  readonly line: number;
  readonly reason: string;
}

export interface ParsedYaml {
  readonly mistakes: readonly SyntaxMistake[];
  /**
   * Converts the content to JavaScript. @throws Error with a reason for users: an alias without an anchor, or too many
   */
  toJavaScript(): unknown;
  /** Returns the line of a path, or the line of its nearest parent if the content does not contain the path. */
  lineOf(path: readonly (string | number)[]): number;
}

/** Deepest nesting of brackets and list marks. The parser is recursive, and slow for deep nesting. */
const DEEPEST = 20;
/** Maximum time of the parser. */
const MILLISECONDS = 5000;
const TOO_DEEP: SyntaxMistake = { line: 1, reason: 'the file is nested too deep' };
const DEEP_LIST = new RegExp(`^ *(?:[-?] +){${DEEPEST}}`, 'm');

/**
 * Parses YAML or JSON that someone else may have written, with limited nesting. The parser is large, and the extension
 * host should not be blocked while it loads the library, so load this file with import().
 */
export function parseYaml(content: string): ParsedYaml {
  const lines = new LineCounter();
  const isDeep = isNestedDeep(content) || DEEP_LIST.test(content);
  const { document, mistakes } = isDeep ? { document: new Document(), mistakes: [TOO_DEEP] } : parsed(content, lines);
  return { mistakes, toJavaScript: () => javascript(document), lineOf: (path) => lineOf(document, lines, path) };
}

interface Parsed {
  readonly document: Document;
  readonly mistakes: readonly SyntaxMistake[];
}

function parsed(content: string, lines: LineCounter): Parsed {
  // It would compare each key with all others.
  const composer = new Composer({ prettyErrors: false, uniqueKeys: false });
  const tokens = untilLate(new Parser(lines.addNewLine).parse(content));
  try {
    const [document, second] = composer.compose(tokens, true, content.length);
    if (!document) throw new Error('The parser returned no document.');
    const mistakes = syntaxMistakes(document, lines);
    if (second && mistakes.length === 0) {
      mistakes.push({ line: lines.linePos(second.range[0]).line, reason: 'the file has several documents' });
    }
    return { document, mistakes };
  } catch (error) {
    if (!(error instanceof TooSlow)) throw error;
    return { document: new Document(), mistakes: [{ line: 1, reason: 'the file takes too long to read' }] };
  }
}

class TooSlow extends Error {}

/** Ends with an error after a time limit, because the time for many mistakes grows with their square. */
function* untilLate<T>(items: Iterable<T>): Generator<T> {
  const end = performance.now() + MILLISECONDS;
  for (const item of items) {
    if (performance.now() > end) throw new TooSlow();
    yield item;
  }
}

function syntaxMistakes(document: Document, lines: LineCounter): SyntaxMistake[] {
  const mistakes: SyntaxMistake[] = [];
  const add = (position: number, message: string): void => {
    const { line } = lines.linePos(position);
    // Further errors on a line mostly have the same cause.
    if (mistakes.at(-1)?.line !== line) mistakes.push({ line, reason: plainReason(message) });
  };
  for (const { pos, message } of document.errors) add(pos[0], message);
  if (mistakes.length > 0) return mistakes;
  for (const position of repeatedKeys(document)) add(position, 'Map keys must be unique');
  return mistakes;
}

function javascript(document: Document): unknown {
  try {
    return document.toJS();
  } catch (error) {
    throw new Error(plainReason(messageOf(error)), { cause: error });
  }
}

/** Returns the reason of a failed conversion in words for the user. */
function plainReason(message: string): string {
  return message.includes('call stack') ? TOO_DEEP.reason : message;
}

/** Returns the positions of keys that their map contains twice. */
function repeatedKeys(document: Document): number[] {
  const repeated: number[] = [];
  visit(document, {
    Map(_, map) {
      if (!isMap(map)) return;
      const known = new Set<unknown>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        if (known.has(key.value)) repeated.push(key.range?.[0] ?? 0);
        known.add(key.value);
      }
    },
  });
  return repeated;
}

function lineOf(document: Document, lines: LineCounter, path: readonly (string | number)[]): number {
  for (let length = path.length; length > 0; length--) {
    const parent = document.getIn(path.slice(0, length - 1), true);
    const key = path[length - 1];
    const pair = isMap(parent) ? parent.items.find((it) => isScalar(it.key) && it.key.value === key) : undefined;
    const node = pair?.key ?? document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

/** Brackets in texts count as well, but texts hardly contain twenty that are not closed. */
function isNestedDeep(content: string): boolean {
  let depth = 0;
  for (let at = 0; at < content.length; at++) {
    const character = content.charAt(at);
    if (character === '[' || character === '{') depth++;
    else if (character === ']' || character === '}') depth--;
    if (depth > DEEPEST) return true;
  }
  return false;
}
