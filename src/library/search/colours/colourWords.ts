import { COLOUR_NAMES, TONES, type Tone } from './namedColours.ts';
import type { Colour } from './colour.ts';

/** Words for colours that are more often the name of a thing or a style when they stand alone. */
const THINGS = new Set(['orange', 'violet', 'silver', 'golden']);

/**
 * Finds the colours that a text asks for: "dark blue car" asks for dark blue. A text of one colour word asks for that
 * colour, unless the word is also the name of a thing, as "orange".
 */
export function coloursIn(text: string): Colour[] {
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  const colours: Colour[] = [];
  for (const [i, word] of words.entries()) {
    const name = COLOUR_NAMES.get(word);
    if (!name || (THINGS.has(word) && i === words.length - 1)) continue;
    const before = words[i - 1];
    const tone: Tone | undefined = TONES.find((known) => known === before);
    colours.push({ kind: 'named', name, ...(tone && { tone }) });
  }
  return colours;
}
