import type { OklabColour } from '../../../clip/index.ts';

/** The basic colour terms of English (Berlin and Kay 1969), with cyan for the range between green and blue. */
export const BASIC_COLOURS = [
  'red',
  'orange',
  'yellow',
  'green',
  'cyan',
  'blue',
  'purple',
  'pink',
  'brown',
  'black',
  'grey',
  'white',
] as const;
export type BasicColour = (typeof BASIC_COLOURS)[number];

/** Names that mean the same as a basic colour, or almost. */
export const COLOUR_NAMES: ReadonlyMap<string, BasicColour> = new Map<string, BasicColour>([
  ...BASIC_COLOURS.map((name): [string, BasicColour] => [name, name]),
  ['gray', 'grey'],
  ['silver', 'grey'],
  ['crimson', 'red'],
  ['scarlet', 'red'],
  ['golden', 'yellow'],
  ['turquoise', 'cyan'],
  ['teal', 'cyan'],
  ['violet', 'purple'],
  ['lilac', 'purple'],
  ['magenta', 'pink'],
]);

/** A word before a colour that narrows its lightness or its chroma. */
export const TONES = ['dark', 'light', 'pale', 'bright'] as const;
export type Tone = (typeof TONES)[number];

export interface NamedColour {
  readonly name: BasicColour;
  readonly tone?: Tone | undefined;
}

/** The hues of a colour in degrees of OKLCH, and its lightness and chroma. */
interface Range {
  readonly hue?: readonly [from: number, to: number];
  readonly l?: readonly [from: number, to: number];
  readonly chroma?: readonly [from: number, to: number];
}

/** Chroma below which a colour looks grey. */
const GREYISH = 0.035;

/**
 * The ranges in which people use the terms, by the sRGB colours of CSS and of common palettes: red #e11d2e has hue 23
 * and #ff0000 29; orange #ff8000 53 and #ffa500 71; yellow #f5c518 90 and #ffff00 110; green #1a9e3c 148; cyan 195;
 * blue #1f4fd8 264; purple #7b1fa2 314; pink #ff1493 357. Brown is a dark orange.
 */
const RANGES: Readonly<Record<BasicColour, readonly Range[]>> = {
  red: [{ hue: [8, 40], chroma: [0.09, 1], l: [0.2, 0.72] }],
  orange: [{ hue: [42, 74], chroma: [0.1, 1], l: [0.58, 0.92] }],
  yellow: [{ hue: [76, 114], chroma: [0.07, 1], l: [0.72, 1] }],
  green: [{ hue: [116, 172], chroma: [0.05, 1] }],
  cyan: [{ hue: [174, 226], chroma: [0.05, 1] }],
  blue: [{ hue: [228, 284], chroma: [0.05, 1] }],
  purple: [{ hue: [286, 332], chroma: [0.05, 1] }],
  pink: [
    { hue: [334, 368], chroma: [0.07, 1], l: [0.45, 1] },
    { hue: [368, 390], chroma: [0.04, 0.2], l: [0.74, 1] },
  ],
  brown: [{ hue: [28, 95], chroma: [0.035, 0.14], l: [0.18, 0.6] }],
  black: [{ l: [0, 0.3], chroma: [0, 0.045] }],
  grey: [{ l: [0.36, 0.9], chroma: [0, GREYISH] }],
  white: [{ l: [0.93, 1], chroma: [0, GREYISH] }],
};

const TONE_RANGES: Readonly<Record<Tone, Range>> = {
  dark: { l: [0, 0.5] },
  light: { l: [0.7, 1] },
  pale: { l: [0.72, 1], chroma: [0, 0.12] },
  bright: { l: [0.5, 1], chroma: [0.12, 1] },
};

/** Widths over which membership falls from 1 to 0 beyond the end of a range. */
const HUE_EDGE = 14;
const LIGHTNESS_EDGE = 0.08;
const CHROMA_EDGE = 0.03;

/** Returns how well a colour of an image fits a named colour, 0 to 1. */
export function namedMembership({ name, tone }: NamedColour, colour: OklabColour): number {
  const best = Math.max(...RANGES[name].map((range) => rangeMembership(range, colour)));
  return tone === undefined ? best : best * rangeMembership(TONE_RANGES[tone], colour);
}

function rangeMembership({ hue, l, chroma }: Range, { l: lightness, a, b }: OklabColour): number {
  const angle = (Math.atan2(b, a) * 180) / Math.PI;
  // The hue as the angle from -180 to 540 that is nearest to the range.
  const hues = [angle, angle + 360, angle + 720].map((value) => edge(value, hue, HUE_EDGE));
  return Math.max(...hues) * edge(lightness, l, LIGHTNESS_EDGE) * edge(Math.hypot(a, b), chroma, CHROMA_EDGE);
}

function edge(value: number, range: readonly [number, number] | undefined, width: number): number {
  if (!range) return 1;
  const [from, to] = range;
  const outside = Math.max(from - value, value - to, 0);
  return Math.max(0, 1 - outside / width);
}
