import type { Range } from './undescribedImage.ts';

/** An opening tag of HTML, JSX or a template, from "<" to ">". */
export interface Tag extends Range {
  readonly name: string;
  /** By name in lower case. If two attributes have the same name, the first counts. */
  readonly attributes: ReadonlyMap<string, Attribute>;
  /** Whether it has attributes whose names are known only at run time: {...properties} */
  readonly hasSpread: boolean;
}

/** An attribute. Its range includes its name and its value. */
export interface Attribute extends Range {
  /** Without quotes or braces; '' if it has no value. */
  readonly value: string;
  /** Whether the value is in braces. */
  readonly isExpression: boolean;
}

/**
 * Yields the opening tags of a text that start in a range.
 *
 * It uses no parser: none reads all of HTML, Vue, Svelte, Astro, JSX and MDX, and each needs a complete document
 * without errors, which a document that is being edited often is not. The syntax of tags is similar in all these
 * languages.
 * @param braces whether braces enclose expressions
 */
export function* tagsIn(text: string, { start, end }: Range, braces: boolean): Generator<Tag> {
  const opening = /<([A-Za-z][\w.:-]*)(?=[\s/>{])/g;
  opening.lastIndex = start;
  for (const match of text.matchAll(opening)) {
    if (match.index > end) return;
    const attributesStart = match.index + match[0].length;
    const rest = attributesIn(text, attributesStart, braces);
    if (rest && !isCommented(text, match.index)) yield { name: match[1] ?? '', start: match.index, ...rest };
  }
}

function isCommented(text: string, offset: number): boolean {
  return [
    ['<!--', '-->'],
    ['{/*', '*/}'],
  ].some(([open = '', close = '']) => {
    const start = text.lastIndexOf(open, offset);
    return start >= 0 && text.lastIndexOf(close, offset) < start;
  });
}

/** Returns the attributes of a tag; undefined if the tag does not end. */
function attributesIn(
  text: string,
  start: number,
  braces: boolean,
): Pick<Tag, 'attributes' | 'hasSpread' | 'end'> | undefined {
  const attributes = new Map<string, Attribute>();
  let hasSpread = false;
  for (let at = start; at < text.length;) {
    const character = text[at] ?? '';
    if (character === '>') return { attributes, hasSpread, end: at + 1 };
    if (/[\s/]/.test(character)) {
      at++;
    } else if (braces && character === '{') {
      const end = endOfBraces(text, at);
      if (end === undefined) return undefined;
      hasSpread = true;
      at = end;
    } else {
      const name = matchAt(/[^\s"'<>/=]+/y, text, at);
      if (name === undefined) return undefined;
      const attribute = attributeAt(text, at, name, braces);
      if (!attribute) return undefined;
      const key = name.toLowerCase();
      if (!attributes.has(key)) attributes.set(key, attribute);
      at = attribute.end;
    }
  }
  return undefined;
}

function attributeAt(text: string, start: number, name: string, braces: boolean): Attribute | undefined {
  const nameEnd = start + name.length;
  const equals = matchAt(/\s*=\s*/y, text, nameEnd);
  if (equals === undefined) return { value: '', isExpression: false, start, end: nameEnd };
  const at = nameEnd + equals.length;
  if (braces && text[at] === '{') {
    const end = endOfBraces(text, at);
    return end === undefined ? undefined : { value: text.slice(at + 1, end - 1), isExpression: true, start, end };
  }
  const value = matchAt(/"[^"]*"|'[^']*'|[^\s"'<>]+/y, text, at);
  if (value === undefined) return undefined;
  const isQuoted = /^["']/.test(value);
  return { value: isQuoted ? value.slice(1, -1) : value, isExpression: false, start, end: at + value.length };
}

/** Returns the offset after the closing brace that matches the opening brace at an offset. */
function endOfBraces(text: string, start: number): number | undefined {
  // A string has no line break, so that an apostrophe in the text of an element does not start a string.
  const parts = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\/\*[^]*?\*\/|[{}]/g;
  parts.lastIndex = start;
  let depth = 0;
  for (const { 0: part, index } of text.matchAll(parts)) {
    if (part === '{') depth++;
    else if (part === '}' && --depth === 0) return index + 1;
  }
  return undefined;
}

function matchAt(pattern: RegExp, text: string, offset: number): string | undefined {
  pattern.lastIndex = offset;
  return pattern.exec(text)?.[0];
}
