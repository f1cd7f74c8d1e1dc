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
/** Values of five bits in each of three channels. */
const BINS = 1 << 15;
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

/** Whether the distance of two colours is at most this. It needs a tenth of the time of Math.hypot. */
function isWithin(distance: number, x: OklabColour, y: OklabColour): boolean {
  return (x.l - y.l) ** 2 + (x.a - y.a) ** 2 + (x.b - y.b) ** 2 <= distance ** 2;
}

interface Bin {
  readonly key: number;
  weight: number;
  border: number;
  red: number;
  green: number;
  blue: number;
}

/**
 * Finds the main colours of an image, the largest first. Transparent pixels do not count, nor does a plain background
 * of an opaque image: a red heart on white is red.
 * @returns at most six; none if the image is transparent
 */
export function mainColours(raster: Raster): MainColour[] {
  const { bins, isOpaque } = binsOf(raster);
  const all = bins.map(({ weight, border, red, green, blue }): WeightedColour => {
    const { l, a, b } = oklabOf(red / weight, green / weight, blue / weight);
    return { l, a, b, weight, border };
  });
  const background = isOpaque ? plainBackground(all) : undefined;
  const foreground = background ? all.filter((colour) => !isWithin(BACKGROUND, colour, background)) : all;
  const isPlain = weightOf(foreground) < LEAST_FOREGROUND * weightOf(all);
  return merged(isPlain ? all : foreground);
}

/** The bin of each value of the five highest bits. It is empty between two images. */
const binOf: (Bin | undefined)[] = Array.from({ length: BINS });

/** Counts pixels by the five highest bits of each channel, so that few colours are converted. */
function binsOf({ data, width, height, channels }: Raster): { readonly bins: Bin[]; readonly isOpaque: boolean } {
  const step = Math.max(1, Math.ceil(Math.sqrt((width * height) / SAMPLES)));
  const bins: Bin[] = [];
  let [visible, count] = [0, 0];
  for (let y = 0; y < height; y += step) {
    const isBorderRow = y === 0 || y + step >= height;
    for (let x = 0, at = y * width * channels; x < width; x += step, at += step * channels) {
      const weight = channels === 4 ? (data[at + 3] ?? 0) / 255 : 1;
      count++;
      if (weight === 0) continue;
      visible += weight;
      const red = data[at] ?? 0;
      const green = data[at + 1] ?? 0;
      const blue = data[at + 2] ?? 0;
      const key = ((red >> 3) << 10) | ((green >> 3) << 5) | (blue >> 3);
      let bin = binOf[key];
      if (!bin) {
        bin = { key, weight: 0, border: 0, red: 0, green: 0, blue: 0 };
        binOf[key] = bin;
        bins.push(bin);
      }
      bin.weight += weight;
      if (isBorderRow || x === 0 || x + step >= width) bin.border += weight;
      bin.red += weight * red;
      bin.green += weight * green;
      bin.blue += weight * blue;
    }
  }
  for (const { key } of bins) binOf[key] = undefined;
  return { bins, isOpaque: visible > 0.99 * count };
}

interface WeightedColour extends OklabColour {
  readonly weight: number;
  readonly border: number;
}

/** Returns the colour of almost all pixels at the border, if there is one. */
function plainBackground(colours: readonly WeightedColour[]): OklabColour | undefined {
  const border = colours.reduce((sum, colour) => sum + colour.border, 0);
  const most = colours.reduce((best, colour) => (colour.border > best.border ? colour : best), NOTHING);
  const alike = colours.filter((colour) => isWithin(BACKGROUND, colour, most));
  return border > 0 && alike.reduce((sum, colour) => sum + colour.border, 0) >= PLAIN * border ? most : undefined;
}

const NOTHING: WeightedColour = { l: 0, a: 0, b: 0, weight: 0, border: 0 };

function weightOf(colours: readonly WeightedColour[]): number {
  return colours.reduce((sum, { weight }) => sum + weight, 0);
}

/** Colours that look the same: their mean and their weight. */
interface Cluster {
  l: number;
  a: number;
  b: number;
  weight: number;
}

/** Joins each colour with the first of the more frequent ones that looks the same. */
function merged(colours: readonly WeightedColour[]): MainColour[] {
  const total = weightOf(colours);
  const clusters: Cluster[] = [];
  for (const colour of colours.toSorted((x, y) => y.weight - x.weight)) {
    const cluster = clusters.find((known) => isWithin(SAME, known, colour));
    if (!cluster) {
      clusters.push({ l: colour.l, a: colour.a, b: colour.b, weight: colour.weight });
      continue;
    }
    const weight = cluster.weight + colour.weight;
    cluster.l = (cluster.l * cluster.weight + colour.l * colour.weight) / weight;
    cluster.a = (cluster.a * cluster.weight + colour.a * colour.weight) / weight;
    cluster.b = (cluster.b * cluster.weight + colour.b * colour.weight) / weight;
    cluster.weight = weight;
  }
  return clusters
    .map(({ l, a, b, weight }) => ({ l, a, b, share: weight / total }))
    .filter(({ share }) => share >= LEAST_SHARE)
    .sort((x, y) => y.share - x.share)
    .slice(0, MOST);
}

/** @param red 0 to 255, like the others */
function oklabOf(red: number, green: number, blue: number): OklabColour {
  const { l, a, b } = convertRgbToOklab({ r: red / 255, g: green / 255, b: blue / 255 });
  return { l, a, b };
}
