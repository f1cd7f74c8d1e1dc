/**
 * Characters that are not visible, or that change how the text around them is shown: controls (C0, DEL, C1), line and
 * paragraph separators, half surrogates, interlinear annotations, and all code points that Unicode calls default
 * ignorable: marks and overrides of direction, zero-width characters, fillers, variation selectors and tags.
 */
const HIDDEN = String.raw`[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]`;
/** Emoji, and the scripts in which joiners change the form of letters (Unicode Standard Annex 31, section 2.3). */
const KEPT_SELECTOR = String.raw`(?<=\p{Emoji})[\ufe0e\ufe0f]`;
const KEPT_JOINER = String.raw`(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{M}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}])(?<![\u0300-\u036f])[\u200c\u200d]`;
const INVISIBLE = new RegExp(`(?!${KEPT_SELECTOR}|${KEPT_JOINER})${HIDDEN}`, 'gu');
const INVISIBLE_RUNS = new RegExp(`\\s*(?:(?!${KEPT_SELECTOR}|${KEPT_JOINER})${HIDDEN})+\\s*`, 'gu');

/**
 * Makes text of others safe to print: file names, labels, queries, metadata of models, messages of libraries. Invisible
 * characters are shown as escapes, such as \n, \u001b or \u{e0041}. The result is one line, cannot control a terminal,
 * and is in the order of its characters. All other characters, including backslashes, are unchanged. A second call
 * changes nothing.
 */
export function printable(text: string): string {
  return text.replace(INVISIBLE, escapeOf);
}

/**
 * Converts text of others to one line that can be written into a document: a space replaces invisible characters.
 * @param most maximum number of characters
 */
export function oneLine(text: string, most = Infinity): string {
  return shortened(text.replace(INVISIBLE_RUNS, ' ').trim(), most);
}

/** Cuts a text between characters. @param most maximum number of characters, including the ellipsis */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const characters = Array.from(text);
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : text;
}

/** Formats a value as JSON (RFC 8259) without invisible characters; a parser returns the same value. */
export function printableJson(value: unknown, indentation = 0): string {
  return JSON.stringify(value, null, indentation)
    .split('\n') // only the indentation has line breaks, because strings contain them as escapes
    .map((line) =>
      line.replace(INVISIBLE, (character) =>
        Array.from({ length: character.length }, (_, i) => unit(character.charCodeAt(i))).join(''),
      ),
    )
    .join('\n');
}

const SHORT: Readonly<Record<string, string>> = { '\n': String.raw`\n`, '\r': String.raw`\r`, '\t': String.raw`\t` };

function escapeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return SHORT[character] ?? (code > 0xffff ? `\\u{${code.toString(16)}}` : unit(code));
}

/** Formats a UTF-16 code unit as an escape of JSON. */
function unit(code: number): string {
  return `\\u${code.toString(16).padStart(4, '0')}`;
}
