import {
  colourTable,
  HUES,
  paintHeatmap,
  relativeScale,
  ticksOf,
  type HeatmapColours,
  type HeatmapGrid,
  type HeatmapLayer,
  type HeatmapScale,
} from '../../../heatmapPicture.ts';
import type { HeatmapReply, Prompt } from '../../protocol.ts';
import type { HeatmapSettings } from '../gallery/savedState.ts';

/** The map of one prompt. */
export interface PromptMap {
  readonly prompt: Prompt;
  readonly grid: HeatmapGrid;
  readonly scale: HeatmapScale;
  readonly colours: HeatmapColours;
  /** Cosine of the whole image. */
  readonly similarity: number;
}

/**
 * Limits of the longest side of a canvas. Icons are enlarged, so that their maps are as smooth as those of photographs.
 */
const SMALLEST_SIDE = 480;
const LARGEST_SIDE = 800;

/** The maps of a reply, with their scales and colours. */
export function mapsOf(reply: HeatmapReply, prompts: readonly Prompt[], settings: HeatmapSettings): PromptMap[] {
  const { columns, rows, area, values, range, similarities } = reply;
  const cells = columns * rows;
  return prompts.map((prompt, i): PromptMap => {
    const grid = { columns, rows, area, values: values.subarray(i * cells, (i + 1) * cells) };
    const signed = settings.method === 'why';
    const scale = settings.relative ? relativeScale(grid.values, signed) : range;
    const isAlone = prompts.length === 1 || isSeparate(settings);
    return {
      prompt,
      grid,
      scale,
      colours: signed ? 'signed' : isAlone ? settings.colours : i,
      similarity: similarities[i] ?? 0,
    };
  });
}

/** Whether each prompt has a separate picture. Signed maps always do, because their signs would mix. */
export function isSeparate({ sideBySide, method }: HeatmapSettings): boolean {
  return sideBySide || method === 'why';
}

/** Paints a picture with maps over it into a canvas, and sets the size of the canvas. */
export function paintInto(
  canvas: HTMLCanvasElement,
  picture: ImageBitmap,
  maps: readonly PromptMap[],
  { opacity, cells }: HeatmapSettings,
): void {
  const longest = Math.max(picture.width, picture.height);
  const scale = Math.min(Math.max(longest, SMALLEST_SIDE), LARGEST_SIDE) / longest;
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('The browser gives no canvas to draw in.');
  context.imageSmoothingEnabled = scale < 2; // enlarged pixel art keeps its edges
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  if (maps.length === 0) return;
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
  pixels.data.set(paintHeatmap(pixels, maps satisfies readonly HeatmapLayer[], { opacity, cells }));
  context.putImageData(pixels, 0, 0);
}

/** The colours of a map from its lowest value to its highest, as a CSS gradient. */
export function gradientOf({ colours }: PromptMap): string {
  if (typeof colours === 'number')
    return `linear-gradient(to right, transparent, ${HUES[colours % HUES.length] ?? ''})`;
  const table = colourTable(colours);
  const stops = Array.from({ length: 9 }, (_, i) => {
    const offset = 3 * Math.round((i * 255) / 8);
    return `rgb(${table[offset] ?? 0} ${table[offset + 1] ?? 0} ${table[offset + 2] ?? 0})`;
  });
  return `linear-gradient(to right, ${stops.join(', ')})`;
}

/** Height of a legend, and margin, in pixels of the exported picture. */
const LEGEND_HEIGHT = 44;
const MARGIN = 16;

/**
 * The canvases with their legends as a PNG.
 * @param maps the maps on each canvas
 * @param background the colour behind transparency
 */
export async function exportedPng(
  canvases: readonly HTMLCanvasElement[],
  maps: readonly (readonly PromptMap[])[],
  background: string,
  valueText: (value: number) => string,
): Promise<Uint8Array> {
  const legends = Math.max(1, ...maps.map((list) => list.length));
  const width = canvases.reduce((sum, canvas) => sum + canvas.width + MARGIN, MARGIN);
  const height = Math.max(...canvases.map((canvas) => canvas.height)) + 2 * MARGIN + legends * LEGEND_HEIGHT;
  const sheet = new OffscreenCanvas(width, height);
  const context = sheet.getContext('2d');
  if (!context) throw new Error('The browser gives no canvas to draw in.');
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, width, height);
  let left = MARGIN;
  for (const [i, canvas] of canvases.entries()) {
    context.fillStyle = background;
    context.fillRect(left, MARGIN, canvas.width, canvas.height);
    context.drawImage(canvas, left, MARGIN);
    for (const [line, map] of (maps[i] ?? []).entries()) {
      drawLegend(context, map, left, 2 * MARGIN + canvas.height + line * LEGEND_HEIGHT, canvas.width, valueText);
    }
    left += canvas.width + MARGIN;
  }
  const blob = await sheet.convertToBlob({ type: 'image/png' });
  return new Uint8Array(await blob.arrayBuffer());
}

function drawLegend(
  context: OffscreenCanvasRenderingContext2D,
  map: PromptMap,
  left: number,
  top: number,
  width: number,
  valueText: (value: number) => string,
): void {
  const table = colourTable(map.colours);
  const hue = typeof map.colours === 'number';
  for (let x = 0; x < width; x++) {
    const offset = 3 * Math.round((x / Math.max(1, width - 1)) * 255);
    const alpha = hue ? x / width : 1;
    context.fillStyle = `rgb(${table[offset] ?? 0} ${table[offset + 1] ?? 0} ${table[offset + 2] ?? 0} / ${alpha})`;
    context.fillRect(left + x, top + 14, 1, 10);
  }
  context.fillStyle = '#000000';
  context.font = '12px sans-serif';
  context.textAlign = 'left';
  context.fillText(map.prompt.text, left, top + 10, width);
  const [from, middle, to] = ticksOf(map.scale);
  context.fillText(valueText(from), left, top + 36);
  context.textAlign = 'center';
  context.fillText(valueText(middle), left + width / 2, top + 36);
  context.textAlign = 'right';
  context.fillText(valueText(to), left + width, top + 36);
}
