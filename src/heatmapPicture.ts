import { rgb } from 'd3-color';
import { interpolateCividis, interpolateInferno, interpolateViridis } from 'd3-scale-chromatic';

/**
 * The appearance of heatmaps: the picture in grey, with colours over it where the values are high. It uses neither Node
 * nor a browser, so that the command line and the gallery's page share it.
 */

/**
 * The colours of a map. The named ones are perceptually uniform and readable without colour vision; `signed` is for
 * values around zero. A number is an index of HUES.
 */
export type HeatmapColours = 'viridis' | 'cividis' | 'inferno' | 'signed' | number;

/**
 * The hues of several prompts on one picture: the light colours of the colour-blind-safe palette of Okabe and Ito
 * (2008).
 */
export const HUES = ['#e69f00', '#56b4e9', '#009e73', '#d55e00', '#cc79a7', '#f0e442'] as const;

/** The values of one prompt over an image. */
export interface HeatmapGrid {
  readonly columns: number;
  readonly rows: number;
  /** The part of the image that the grid covers, in fractions of its width and height. It can exceed the image. */
  readonly area: { readonly left: number; readonly top: number; readonly width: number; readonly height: number };
  /** [rows, columns] row-major */
  readonly values: Float32Array;
}

/** The values of the first and the last colour. */
export interface HeatmapScale {
  readonly from: number;
  readonly to: number;
}

/** The map of one prompt, with its scale and colours. */
export interface HeatmapLayer {
  readonly grid: HeatmapGrid;
  readonly scale: HeatmapScale;
  readonly colours: HeatmapColours;
}

/** RGBA, row-major, alpha not multiplied into the colours. */
export interface Pixels {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

export interface PaintOptions {
  /** Opacity of the highest value, 0 to 1. */
  readonly opacity: number;
  /** Whether the cells are shown as squares, without interpolation. */
  readonly cells: boolean;
}

/** The default opacity: both the map and the picture below it are visible. */
export const STANDARD_OPACITY = 0.8;
const STEPS = 256;
/** The fraction by which the saturation of the picture is reduced, so that the colours of the map are distinct. */
const DESATURATION = 0.75;

const tables = new Map<HeatmapColours, Uint8ClampedArray>();

/** The colours from the lowest value to the highest: [256, 3] RGB. */
export function colourTable(colours: HeatmapColours): Uint8ClampedArray {
  const cached = tables.get(colours);
  if (cached) return cached;
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

/**
 * The value at a point of the image, in fractions of its sides.
 * @param cells true: the value of the cell; false: interpolated bilinearly between the centres of cells
 */
export function valueAt(grid: HeatmapGrid, x: number, y: number, cells: boolean): number {
  const { left, top, width, height } = grid.area;
  const across = neighboursAt((x - left) / width, grid.columns, cells);
  const down = neighboursAt((y - top) / height, grid.rows, cells);
  const valueOf = (row: number, column: number): number => grid.values[row * grid.columns + column] ?? 0;
  const inRow = (row: number): number => mix(valueOf(row, across.first), valueOf(row, across.second), across.weight);
  return mix(inRow(down.first), inRow(down.second), down.weight);
}

/** Two neighbouring cells along an axis of the grid. */
interface Neighbours {
  readonly first: number;
  readonly second: number;
  /** Weight of the second cell, 0 to 1. */
  readonly weight: number;
}

/** @param position 0 to 1 along the axis; a position outside uses the cell at the edge */
function neighboursAt(position: number, count: number, cells: boolean): Neighbours {
  const clamp = (index: number): number => Math.max(0, Math.min(count - 1, index));
  if (cells) {
    const cell = clamp(Math.floor(position * count));
    return { first: cell, second: cell, weight: 0 };
  }
  const centre = position * count - 0.5;
  const before = Math.floor(centre);
  return { first: clamp(before), second: clamp(before + 1), weight: centre - before };
}

function mix(a: number, b: number, weight: number): number {
  return a * (1 - weight) + b * weight;
}

/**
 * A scale from the 2nd to the 98th percentile. It shows differences within one image, not whether the image shows the
 * prompt.
 * @param signed whether the scale is symmetric around zero
 */
export function relativeScale(values: Float32Array, signed = false): HeatmapScale {
  const sorted = values.toSorted();
  const quantile = (fraction: number): number => sorted[Math.round(fraction * (sorted.length - 1))] ?? 0;
  const [low, high] = [quantile(0.02), quantile(0.98)];
  const magnitude = Math.max(Math.abs(low), Math.abs(high));
  const [from, to] = signed ? [-magnitude, magnitude] : [low, high];
  return to > from ? { from, to } : { from, to: from + 1e-6 };
}

/** The values of a scale's ticks. */
export function ticksOf({ from, to }: HeatmapScale): readonly [number, number, number] {
  return [from, (from + to) / 2, to];
}

/** The position of a value on a scale, 0 to 1. */
export function positionOn({ from, to }: HeatmapScale, value: number): number {
  return to > from ? Math.max(0, Math.min(1, (value - from) / (to - from))) : 0;
}

/**
 * Paints maps over a picture of the whole image. The opacity follows the value, so that low values show the picture.
 * With several maps, each pixel mixes their colours by their opacities.
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
      // The sum of the colours, weighted by their opacities, and the part of the picture that shows through.
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

/** The colour and opacity of a layer at each pixel, as a function of the row that returns a function of the column. */
function sourceOf(
  { grid, scale, colours }: HeatmapLayer,
  width: number,
  { opacity, cells }: PaintOptions,
): (y: number) => PixelSource {
  const { columns, rows, area, values } = grid;
  const table = colourTable(colours);
  const across = Array.from({ length: width }, (_, x) =>
    neighboursAt(((x + 0.5) / width - area.left) / area.width, columns, cells),
  );
  return (y) => {
    const down = neighboursAt((y - area.top) / area.height, rows, cells);
    const line = new Float32Array(columns);
    for (let column = 0; column < columns; column++) {
      const upper = values[down.first * columns + column] ?? 0;
      const lower = values[down.second * columns + column] ?? 0;
      line[column] = mix(upper, lower, down.weight);
    }
    return (x) => {
      const { first, second, weight } = across[x] ?? { first: 0, second: 0, weight: 0 };
      const position = positionOn(scale, mix(line[first] ?? 0, line[second] ?? 0, weight));
      const strength = colours === 'signed' ? Math.abs(2 * position - 1) : position;
      return { table, index: Math.round(position * (STEPS - 1)), alpha: opacity * strength };
    };
  };
}

/** Writes a pixel of the picture, desaturated, with the map over it. It is transparent where both are transparent. */
function blend(
  from: Uint8ClampedArray,
  to: Uint8ClampedArray,
  offset: number,
  [red, green, blue]: readonly [number, number, number],
  sum: number,
  alpha: number,
): void {
  const [r = 0, g = 0, b = 0, opaque = 0] = [from[offset], from[offset + 1], from[offset + 2], from[offset + 3]];
  const grey = 0.2126 * r + 0.7152 * g + 0.0722 * b; // Rec. 709
  const below = (opaque / 255) * (1 - alpha);
  const total = alpha + below;
  if (total <= 0) return;
  const blended = (colour: number, channel: number): number => {
    const muted = mix(channel, grey, DESATURATION);
    return ((sum > 0 ? (colour / sum) * alpha : 0) + muted * below) / total;
  };
  to[offset] = blended(red, r);
  to[offset + 1] = blended(green, g);
  to[offset + 2] = blended(blue, b);
  to[offset + 3] = 255 * total;
}
