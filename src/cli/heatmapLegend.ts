import { printable } from '../base/printable.ts';
import { colourTable, HUES, ticksOf, type HeatmapColours, type HeatmapLayer } from '../heatmapPicture.ts';

/** The legend of a heatmap as SVG. The inference process renders it with the fonts of this machine. */

/** A heatmap with the texts of its legend. */
export interface LegendMap extends HeatmapLayer {
  readonly name: string;
  /** Cosine of the whole image with the prompt. */
  readonly similarity: number;
}

/** Pixels. */
export const LINE_HEIGHT = 20;
const FONT_SIZE = 13;
/** Approximate width of a letter; a text that does not fit is cut. */
const LETTER = 7.2;
const BAR_HEIGHT = 12;
const STOPS = 16;
const LINES_PER_MAP = 3;

/** Returns the number of lines of a legend: name, colours and numbers of each map, and a note. */
export function legendLines(maps: number): number {
  return LINES_PER_MAP * maps + 1;
}

export function legendSvg(maps: readonly LegendMap[], width: number, note: string): string {
  const height = LINE_HEIGHT * legendLines(maps.length);
  const parts = maps.map((map, i) => mapLegend(map, i, width));
  const foot = text(0, LINE_HEIGHT * LINES_PER_MAP * maps.length, fitting(note, width), 'fill="#595959"');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="${FONT_SIZE}">${parts.join('')}${foot}</svg>`;
}

function mapLegend({ name, similarity, scale, colours }: LegendMap, index: number, width: number): string {
  const top = index * LINES_PER_MAP * LINE_HEIGHT;
  const right = `similarity ${similarity.toFixed(3)}`;
  const rest = width - (right.length + 2) * LETTER;
  const ticks = ticksOf(scale).map((value, i) => {
    const anchor = (['start', 'middle', 'end'] as const)[i] ?? 'start';
    return text((i * width) / 2, top + 2 * LINE_HEIGHT, valueText(value), `text-anchor="${anchor}"`);
  });
  return [
    text(0, top, fitting(name, rest), 'font-weight="bold"'),
    text(width, top, right, 'text-anchor="end"'),
    `<linearGradient id="colours${index}">${stops(colours)}</linearGradient>`,
    `<rect x="0.5" y="${top + LINE_HEIGHT + 2.5}" width="${width - 1}" height="${BAR_HEIGHT}" fill="url(#colours${index})" stroke="#808080"/>`,
    ...ticks,
  ].join('');
}

/** Returns the gradient stops from the lowest value to the highest. A hue starts transparent. */
function stops(colours: HeatmapColours): string {
  if (typeof colours === 'number') {
    const hue = HUES[colours % HUES.length] ?? HUES[0];
    return `<stop stop-color="${hue}" stop-opacity="0"/><stop offset="1" stop-color="${hue}"/>`;
  }
  const colourMap = colourTable(colours);
  const last = colourMap.length / 3 - 1;
  return Array.from({ length: STOPS + 1 }, (_, i) => {
    const at = 3 * Math.round((i * last) / STOPS);
    const [red = 0, green = 0, blue = 0] = colourMap.subarray(at, at + 3);
    return `<stop offset="${i / STOPS}" stop-color="rgb(${red},${green},${blue})"/>`;
  }).join('');
}

/** Formats a value with the digits that distinguish small values. */
export function valueText(value: number): string {
  return Math.abs(value) >= 0.1 || value === 0 ? value.toFixed(2) : value.toPrecision(2);
}

function text(x: number, top: number, content: string, attributes: string): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x}" y="${top + FONT_SIZE}" ${attributes}>${escaped}</text>`;
}

/** Cuts a text to a width in pixels. */
function fitting(content: string, width: number): string {
  const letters = Array.from(new Intl.Segmenter().segment(printable(content)), ({ segment }) => segment);
  const most = Math.max(1, Math.floor(width / LETTER));
  return letters.length <= most ? letters.join('') : `${letters.slice(0, most - 1).join('')}…`;
}
