import {
  converter,
  modeHsl,
  modeHwb,
  modeLab,
  modeLch,
  modeOklab,
  modeOklch,
  modeRgb,
  parse,
  useMode,
} from 'culori/fn';
import { oklabDistance, type OklabColour } from '../../../clip/index.ts';
import { COLOUR_NAMES, namedMembership, type NamedColour } from './namedColours.ts';

/** A colour to look for: one of the named colours, or an exact one. */
export type Colour =
  ({ readonly kind: 'named' } & NamedColour) | { readonly kind: 'exact'; readonly value: OklabColour };

for (const mode of [modeRgb, modeHsl, modeHwb, modeLab, modeLch, modeOklab, modeOklch]) useMode(mode);
const oklab = converter('oklab');

/** Distance in OKLab at which an image colour no longer resembles an exact colour. */
const FAR = 0.2;

/** Reads a colour name of the query language or any CSS colour. @returns undefined if it is neither */
export function parseColour(text: string): Colour | undefined {
  const name = COLOUR_NAMES.get(text.toLowerCase());
  if (name) return { kind: 'named', name };
  const value = oklab(parse(text.toLowerCase()));
  return value && { kind: 'exact', value: { l: value.l, a: value.a, b: value.b } };
}

/** Returns how well a colour of an image fits, 0 to 1. */
export function membership(colour: Colour, of: OklabColour): number {
  if (colour.kind === 'named') return namedMembership(colour, of);
  const distance = oklabDistance(colour.value, of) / FAR;
  return Math.max(0, Math.min(1, 2 * (1 - distance)));
}
