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
import type { HeatmapReply, Prompt, SavedState } from '../../protocol.ts';

/** One prompt's map. */
export interface PromptMap {
  readonly prompt: Prompt;
  readonly grid: HeatmapGrid;
  readonly scale: HeatmapScale;
  readonly colours: HeatmapColours;
  /** Cosine of the whole image. */
  readonly similarity: number;
}

/** Longest sides of what is painted: the map of an icon of 16 pixels is as smooth as that of a photograph. */
const SMALLEST = 480;
const LARGEST = 800;

/** The maps of a reply in their colours. */
export function mapsOf(reply: HeatmapReply, prompts: readonly Prompt[], settings: SavedState['heatmap']): PromptMap[] {
  const { columns, rows, area, values, range, similarities } = reply;
  const cells = columns * rows;
  return prompts.map((prompt, i): PromptMap => {
    const grid = { columns, rows, area, values: values.subarray(i * cells, (i + 1) * cells) };
    const signed = settings.method === 'why';
    const scale = settings.relative ? relativeScale(grid.values, signed) : range;
    const alone = prompts.length === 1 || isApart(settings);
    return {
      prompt,
      grid,
      scale,
      colours: signed ? 'signed' : alone ? settings.colours : i,
      similarity: similarities[i] ?? 0,
    };
  });
}

/** Whether each prompt has a picture of its own: signs cannot be told apart when maps lie on each other. */
export function isApart({ sideBySide, method }: SavedState['heatmap']): boolean {
  return sideBySide || method === 'why';
}

/** Paints a picture with maps over it into a canvas, which takes the size that suits both. */
export function paintInto(
  canvas: HTMLCanvasElement,
  picture: ImageBitmap,
  maps: readonly PromptMap[],
  { opacity, cells }: SavedState['heatmap'],
): void {
  const longest = Math.max(picture.width, picture.height);
  const scale = Math.min(Math.max(longest, SMALLEST), LARGEST) / longest;
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('The browser gives no canvas to draw in.');
  context.imageSmoothingEnabled = scale < 2; // pixel art stays what it is
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
    const at = 3 * Math.round((i * 255) / 8);
    return `rgb(${table[at] ?? 0} ${table[at + 1] ?? 0} ${table[at + 2] ?? 0})`;
  });
  return `linear-gradient(to right, ${stops.join(', ')})`;
}

const LEGEND = 44;
const MARGIN = 16;

/** What is shown, with names and numbers, as a PNG. */
export async function exportedPng(
  canvases: readonly HTMLCanvasElement[],
  maps: readonly (readonly PromptMap[])[],
  background: string,
  valueText: (value: number) => string,
): Promise<Uint8Array> {
  const lines = Math.max(1, ...maps.map((list) => list.length));
  const width = canvases.reduce((sum, canvas) => sum + canvas.width + MARGIN, MARGIN);
  const height = Math.max(...canvases.map((canvas) => canvas.height)) + 2 * MARGIN + lines * LEGEND;
  const whole = new OffscreenCanvas(width, height);
  const context = whole.getContext('2d');
  if (!context) throw new Error('The browser gives no canvas to draw in.');
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, width, height);
  let left = MARGIN;
  for (const [i, canvas] of canvases.entries()) {
    context.fillStyle = background;
    context.fillRect(left, MARGIN, canvas.width, canvas.height);
    context.drawImage(canvas, left, MARGIN);
    for (const [line, map] of (maps[i] ?? []).entries()) {
      drawLegend(context, map, left, 2 * MARGIN + canvas.height + line * LEGEND, canvas.width, valueText);
    }
    left += canvas.width + MARGIN;
  }
  const blob = await whole.convertToBlob({ type: 'image/png' });
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
    const at = 3 * Math.round((x / Math.max(1, width - 1)) * 255);
    const alpha = hue ? x / width : 1;
    context.fillStyle = `rgb(${table[at] ?? 0} ${table[at + 1] ?? 0} ${table[at + 2] ?? 0} / ${alpha})`;
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
