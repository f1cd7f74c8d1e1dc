import { convertRgbToOklab } from 'culori/fn';
import type { Raster } from '../raster.ts';

/** A colour in OKLab (B. Ottosson, "A perceptual color space for image processing", 2020). */
export interface OklabColour {
  /** Lightness, 0 to 1. */
  readonly l: number;
  /** Green to red and blue to yellow, about -0.4 to 0.4. */
  readonly a: number;
  readonly b: number;
}

/** A colour of an image. */
export interface MainColour extends OklabColour {
  /** Share of the visible pixels, without those of a plain background; 0 to 1. */
  readonly share: number;
}

/** Number of colours that are kept. */
const MOST = 6;
/** Lowest share of a colour that is kept. */
const LEAST_SHARE = 0.01;
/** Distance in OKLab up to which colours count as one. */
const SAME = 0.1;
/** Distance in OKLab up to which a pixel belongs to the background. */
const BACKGROUND = 0.06;
/** Share of the pixels at the border that a plain background covers at least. */
const PLAIN = 0.9;
/** Lowest share of pixels that differ from the background; below it, the image is a picture of its background. */
const LEAST_FOREGROUND = 0.02;
/** Number of pixels that are examined at most. */
const SAMPLES = 16_384;

export function oklabDistance(x: OklabColour, y: OklabColour): number {
  return Math.hypot(x.l - y.l, x.a - y.a, x.b - y.b);
}

interface Bin {
  weight: number;
  border: number;
  red: number;
  green: number;
  blue: number;
}

/**
 * Finds the main colours of an image, the largest first. Transparent pixels do not count, nor does a plain background of
 * an opaque image: a red heart on white is red.
 * @returns at most six; none if the image is transparent
 */
export function mainColours(raster: Raster): MainColour[] {
  const { bins, isOpaque } = binsOf(raster);
  const all = bins.map(({ weight, border, red, green, blue }) => ({
    ...oklabOf(red / weight, green / weight, blue / weight),
    weight,
    border,
  }));
  const background = isOpaque ? plainBackground(all) : undefined;
  const foreground = background ? all.filter((colour) => oklabDistance(colour, background) > BACKGROUND) : all;
  const isPlain = weightOf(foreground) < LEAST_FOREGROUND * weightOf(all);
  return merged(isPlain ? all : foreground);
}

/** Counts pixels by the five highest bits of each channel, so that few colours are converted. */
function binsOf({ data, width, height, channels }: Raster): { readonly bins: Bin[]; readonly isOpaque: boolean } {
  const step = Math.max(1, Math.ceil(Math.sqrt((width * height) / SAMPLES)));
  const bins = new Map<number, Bin>();
  let [visible, count] = [0, 0];
  for (let y = 0; y < height; y += step) {
    for (let x = 0; x < width; x += step) {
      const at = (y * width + x) * channels;
      const [red = 0, green = 0, blue = 0] = [data[at], data[at + 1], data[at + 2]];
      const weight = channels === 4 ? (data[at + 3] ?? 0) / 255 : 1;
      count++;
      if (weight === 0) continue;
      visible += weight;
      const key = ((red >> 3) << 10) | ((green >> 3) << 5) | (blue >> 3);
      const bin = bins.get(key) ?? { weight: 0, border: 0, red: 0, green: 0, blue: 0 };
      bins.set(key, bin);
      bin.weight += weight;
      if (x === 0 || y === 0 || x + step >= width || y + step >= height) bin.border += weight;
      bin.red += weight * red;
      bin.green += weight * green;
      bin.blue += weight * blue;
    }
  }
  return { bins: [...bins.values()], isOpaque: visible > 0.99 * count };
}

interface WeightedColour extends OklabColour {
  readonly weight: number;
  readonly border: number;
}

/** Returns the colour of almost all pixels at the border, if there is one. */
function plainBackground(colours: readonly WeightedColour[]): OklabColour | undefined {
  const border = colours.reduce((sum, colour) => sum + colour.border, 0);
  const most = colours.reduce((best, colour) => (colour.border > best.border ? colour : best), NOTHING);
  const alike = colours.filter((colour) => oklabDistance(colour, most) <= BACKGROUND);
  return border > 0 && alike.reduce((sum, colour) => sum + colour.border, 0) >= PLAIN * border ? most : undefined;
}

const NOTHING: WeightedColour = { l: 0, a: 0, b: 0, weight: 0, border: 0 };

function weightOf(colours: readonly WeightedColour[]): number {
  return colours.reduce((sum, { weight }) => sum + weight, 0);
}

/** Joins each colour with the first of the more frequent ones that looks the same. */
function merged(colours: readonly WeightedColour[]): MainColour[] {
  const total = weightOf(colours);
  const clusters: { colour: OklabColour; weight: number }[] = [];
  for (const colour of colours.toSorted((x, y) => y.weight - x.weight)) {
    const cluster = clusters.find((known) => oklabDistance(known.colour, colour) <= SAME);
    if (!cluster) {
      clusters.push({ colour, weight: colour.weight });
      continue;
    }
    const weight = cluster.weight + colour.weight;
    const mean = (x: number, y: number): number => (x * cluster.weight + y * colour.weight) / weight;
    const { l, a, b } = cluster.colour;
    cluster.colour = { l: mean(l, colour.l), a: mean(a, colour.a), b: mean(b, colour.b) };
    cluster.weight = weight;
  }
  return clusters
    .map(({ colour: { l, a, b }, weight }) => ({ l, a, b, share: weight / total }))
    .filter(({ share }) => share >= LEAST_SHARE)
    .sort((x, y) => y.share - x.share)
    .slice(0, MOST);
}

/** @param red 0 to 255, like the others */
function oklabOf(red: number, green: number, blue: number): OklabColour {
  const { l, a, b } = convertRgbToOklab({ r: red / 255, g: green / 255, b: blue / 255 });
  return { l, a, b };
}
