import { isMap, isNode, isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml';
import { messageOf } from '../../base/userError.ts';

/** A mistake of the syntax. */
export interface SyntaxMistake {
  readonly line: number;
  readonly reason: string;
}

export interface ParsedYaml {
  readonly mistakes: readonly SyntaxMistake[];
  /** Converts the content to JavaScript. @throws Error with a reason for users: an alias without an anchor, or too many */
  toJavaScript(): unknown;
  /** Returns the line of a path, or the line of its nearest parent if the content does not contain the path. */
  lineOf(path: readonly (string | number)[]): number;
}

/** Deepest nesting of brackets and list marks. The parser is recursive, and slow for deep nesting. */
const DEEPEST = 20;
const TOO_DEEP: SyntaxMistake = { line: 1, reason: 'the file is nested too deep' };
const DEEP_LIST = new RegExp(`^ *(?:[-?] +){${DEEPEST}}`, 'm');

/**
 * Parses YAML or JSON that someone else may have written, with limited nesting. The parser is large, and the extension
 * host should not be blocked while it loads the library, so load this file with import().
 */
export function parseYaml(content: string): ParsedYaml {
  const lines = new LineCounter();
  const isDeep = isNestedDeep(content) || DEEP_LIST.test(content);
  // The parser would compare each key with all others.
  const options = { lineCounter: lines, prettyErrors: false, uniqueKeys: false } as const;
  const document = parseDocument(isDeep ? '' : content, options);
  return {
    mistakes: isDeep ? [TOO_DEEP] : syntaxMistakes(document, lines),
    toJavaScript: () => javascript(document),
    lineOf: (path) => lineOf(document, lines, path),
  };
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
