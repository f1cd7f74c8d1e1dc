import { UserError } from './userError.ts';

/** Deepest nesting of JSON files: configurations have about ten levels. */
const DEEPEST = 100;

/**
 * Parses JSON that someone else may have written. Code that walks the value recursively is safe, because the nesting is
 * limited. Messages do not quote the text.
 * @throws UserError with a clause about the file
 */
export function parseJson(text: string): unknown {
  if (nestingOf(text) > DEEPEST) throw new UserError(`its JSON is nested deeper than ${DEEPEST} levels`);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(`it is not valid JSON${placeOf(error)}`);
  }
}

/** The position in the message of JSON.parse, which otherwise quotes the text. */
function placeOf(error: unknown): string {
  const [, line, column] = /\(line (\d+) column (\d+)\)/.exec(error instanceof Error ? error.message : '') ?? [];
  return line === undefined || column === undefined ? '' : `: line ${line}, column ${column}`;
}

function nestingOf(text: string): number {
  let [depth, deepest] = [0, 0];
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: {
        // A string. Brackets in it do not count.
        for (at++; at < text.length && text.charCodeAt(at) !== 0x22; at++) if (text.charCodeAt(at) === 0x5c) at++;
        break;
      }
      case 0x5b:
      case 0x7b:
        if (++depth > deepest) deepest = depth;
        break;
      case 0x5d:
      case 0x7d:
        depth--;
    }
  }
  return deepest;
}
