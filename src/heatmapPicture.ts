import { rgb } from 'd3-color';
import { interpolateCividis, interpolateInferno, interpolateViridis } from 'd3-scale-chromatic';

/**
 * How a heatmap looks: the picture in grey, with colours over it where the values are high. Pure: the command line and the gallery's
 * page draw with it.
 */

/** Perceptually uniform and readable without colour vision; `signed` is for values around zero. A number is one of HUES. */
export type HeatmapColours = 'viridis' | 'cividis' | 'inferno' | 'signed' | number;

/** One hue a prompt where several are shown at once: the colour-blind-safe palette of Okabe and Ito (2008), the light ones. */
export const HUES = ['#e69f00', '#56b4e9', '#009e73', '#d55e00', '#cc79a7', '#f0e442'] as const;

/** The values of one prompt over an image. */
export interface HeatmapGrid {
  readonly columns: number;
  readonly rows: number;
  /** The part of the image that the grid covers, in fractions of its width and height; it may reach beyond the image. */
  readonly area: { readonly left: number; readonly top: number; readonly width: number; readonly height: number };
  /** [rows, columns] row-major */
  readonly values: Float32Array;
}

/** Values that the ends of the colours stand for. */
export interface HeatmapScale {
  readonly from: number;
  readonly to: number;
}

/** A prompt's map, and what it is coloured with. */
export interface HeatmapLayer {
  readonly grid: HeatmapGrid;
  readonly scale: HeatmapScale;
  readonly colours: HeatmapColours;
}

/** RGBA without premultiplied alpha, row-major. */
export interface Pixels {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

export interface PaintOptions {
  /** Of the highest value, 0 to 1; the picture stays visible below 1. */
  readonly opacity: number;
  /** Whether the cells are shown as they are, without a transition between them. */
  readonly cells: boolean;
}

/** Of the highest value: clear to see, and the picture below it, too. */
export const STANDARD_OPACITY = 0.8;
const STEPS = 256;
/** How much of its colour the picture loses, so that the colours of the map are the only ones. */
const DESATURATION = 0.75;

const tables = new Map<HeatmapColours, Uint8ClampedArray>();

/** [256, 3] RGB from the lowest value to the highest. */
export function colourTable(colours: HeatmapColours): Uint8ClampedArray {
  const known = tables.get(colours);
  if (known) return known;
  const colourOf = colourFunction(colours);
  const table = new Uint8ClampedArray(3 * STEPS);
  for (let i = 0; i < STEPS; i++) table.set(colourOf(i / (STEPS - 1)), 3 * i);
  tables.set(colours, table);
  return table;
}

function colourFunction(colours: HeatmapColours): (t: number) => readonly number[] {
  if (colours === 'signed') return signedColour;
  if (typeof colours === 'number') {
    const hue = channels(HUES[colours % HUES.length] ?? HUES[0]);
    return () => hue;
  }
  const maps = { viridis: interpolateViridis, cividis: interpolateCividis, inferno: interpolateInferno };
  return (t) => channels(maps[colours](t));
}

/** Blue below zero, white at zero, orange above. */
function signedColour(t: number): readonly number[] {
  const end = channels(t < 0.5 ? '#2166ac' : '#e66101');
  const share = Math.abs(2 * t - 1);
  return end.map((channel) => 255 + (channel - 255) * share);
}

function channels(colour: string): readonly number[] {
  const { r, g, b } = rgb(colour);
  return [r, g, b];
}

/** The value at a point of the image, in fractions of its sides: bilinear between the centres of cells, or of the cell. */
export function valueAt(grid: HeatmapGrid, x: number, y: number, cells: boolean): number {
  const { left, top, width, height } = grid.area;
  const across = axis((x - left) / width, grid.columns, cells);
  const down = axis((y - top) / height, grid.rows, cells);
  const at = (row: number, column: number): number => grid.values[row * grid.columns + column] ?? 0;
  const upper = at(down.first, across.first) * (1 - across.share) + at(down.first, across.second) * across.share;
  const lower = at(down.second, across.first) * (1 - across.share) + at(down.second, across.second) * across.share;
  return upper * (1 - down.share) + lower * down.share;
}

interface Between {
  readonly first: number;
  readonly second: number;
  /** Of the second cell. */
  readonly share: number;
}

/** @param place 0 to 1 along the grid; what lies outside takes the cell at the edge */
function axis(place: number, count: number, cells: boolean): Between {
  const clamp = (index: number): number => Math.max(0, Math.min(count - 1, index));
  if (cells) {
    const own = clamp(Math.floor(place * count));
    return { first: own, second: own, share: 0 };
  }
  const centre = place * count - 0.5;
  const before = Math.floor(centre);
  return { first: clamp(before), second: clamp(before + 1), share: centre - before };
}

/**
 * From the 2nd to the 98th of a hundred values: shows differences of one image, and says nothing of what is in it.
 * @param signed around zero
 */
export function relativeScale(values: Float32Array, signed = false): HeatmapScale {
  const sorted = values.toSorted();
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  const [low, high] = [at(0.02), at(0.98)];
  const most = Math.max(Math.abs(low), Math.abs(high));
  const [from, to] = signed ? [-most, most] : [low, high];
  return to > from ? { from, to } : { from, to: from + 1e-6 };
}

/** Numbers along the colours. */
export function ticksOf({ from, to }: HeatmapScale): readonly [number, number, number] {
  return [from, (from + to) / 2, to];
}

/** Where a value lies on a scale, 0 to 1. */
export function placeOn({ from, to }: HeatmapScale, value: number): number {
  return to > from ? Math.max(0, Math.min(1, (value - from) / (to - from))) : 0;
}

/**
 * Paints maps over a picture that fills their image: opacity follows the value, so that what is low shows the picture. Of several
 * maps each pixel takes the hues by their shares.
 * @returns RGBA [height, width, 4]
 */
export function paintHeatmap(
  picture: Pixels,
  layers: readonly HeatmapLayer[],
  options: PaintOptions,
): Uint8ClampedArray {
  const { width, height } = picture;
  const painted = new Uint8ClampedArray(4 * width * height);
  const sources = layers.map((layer) => sourceOf(layer, width, options));
  for (let y = 0; y < height; y++) {
    const rows = sources.map((source) => source(y / height + 0.5 / height));
    for (let x = 0; x < width; x++) {
      // Light of the map: colours by their opacities, and how much of the picture they leave.
      let [red, green, blue, sum, through] = [0, 0, 0, 0, 1];
      for (const row of rows) {
        const { table, index, alpha } = row(x);
        red += alpha * (table[3 * index] ?? 0);
        green += alpha * (table[3 * index + 1] ?? 0);
        blue += alpha * (table[3 * index + 2] ?? 0);
        sum += alpha;
        through *= 1 - alpha;
      }
      blend(picture.data, painted, 4 * (y * width + x), [red, green, blue], sum, 1 - through);
    }
  }
  return painted;
}

type PixelSource = (x: number) => { readonly table: Uint8ClampedArray; readonly index: number; readonly alpha: number };

/** The colour and opacity of a layer at each pixel: first a row, then its pixels. */
function sourceOf(
  { grid, scale, colours }: HeatmapLayer,
  width: number,
  { opacity, cells }: PaintOptions,
): (y: number) => PixelSource {
  const { columns, rows, area, values } = grid;
  const table = colourTable(colours);
  const across = Array.from({ length: width }, (_, x) =>
    axis(((x + 0.5) / width - area.left) / area.width, columns, cells),
  );
  return (y) => {
    const down = axis((y - area.top) / area.height, rows, cells);
    const line = new Float32Array(columns);
    for (let column = 0; column < columns; column++) {
      const upper = values[down.first * columns + column] ?? 0;
      const lower = values[down.second * columns + column] ?? 0;
      line[column] = upper * (1 - down.share) + lower * down.share;
    }
    return (x) => {
      const { first, second, share } = across[x] ?? { first: 0, second: 0, share: 0 };
      const value = (line[first] ?? 0) * (1 - share) + (line[second] ?? 0) * share;
      const place = placeOn(scale, value);
      const strength = colours === 'signed' ? Math.abs(2 * place - 1) : place;
      return { table, index: Math.round(place * (STEPS - 1)), alpha: opacity * strength };
    };
  };
}

/** A pixel of the picture in grey, and the map over it; what is transparent in the picture is so as far as the map is. */
function blend(
  from: Uint8ClampedArray,
  to: Uint8ClampedArray,
  at: number,
  [red, green, blue]: readonly [number, number, number],
  sum: number,
  alpha: number,
): void {
  const [r = 0, g = 0, b = 0, opaque = 0] = [from[at], from[at + 1], from[at + 2], from[at + 3]];
  const grey = 0.2126 * r + 0.7152 * g + 0.0722 * b; // Rec. 709
  const below = (opaque / 255) * (1 - alpha);
  const total = alpha + below;
  if (total <= 0) return;
  const mix = (own: number, channel: number): number => {
    const dull = channel + (grey - channel) * DESATURATION;
    return ((sum > 0 ? (own / sum) * alpha : 0) + dull * below) / total;
  };
  to[at] = mix(red, r);
  to[at + 1] = mix(green, g);
  to[at + 2] = mix(blue, b);
  to[at + 3] = 255 * total;
}
