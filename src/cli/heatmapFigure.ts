import { UserError } from '../base/userError.ts';
import type { Heatmap, ImageSource, Inference } from '../clip/index.ts';
import { HUES, paintHeatmap, relativeScale, type HeatmapColours, type Pixels } from '../heatmapPicture.ts';
import { legendLines, legendSvg, LINE_HEIGHT, type LegendMap } from './heatmapLegend.ts';

export const colourNames = ['viridis', 'cividis', 'inferno'] as const;

export interface FigureOptions {
  readonly why?: boolean;
  readonly colours: (typeof colourNames)[number];
  /** 0 to 1 */
  readonly opacity: number;
  readonly cells?: boolean;
  readonly relative?: boolean;
  readonly sideBySide?: boolean;
  /** Maximum number of pixels of the picture's longer side. */
  readonly size: number;
  readonly signal: AbortSignal;
}

const MARGIN = 16;
/** Minimum width of a legend in pixels, even below a narrower picture. */
const LEAST_LEGEND = 240;
const MOST_IN_A_ROW = 3;
const MOST_PICTURES = 24;

/**
 * Draws the image with its heatmaps and a legend: one picture with a hue for each prompt, or one picture for each
 * prompt.
 * @throws UserError if there are more prompts than a picture can show
 */
export async function drawFigure(
  inference: Inference,
  source: ImageSource,
  names: readonly string[],
  map: Heatmap,
  options: FigureOptions,
): Promise<Pixels> {
  // Maps that overlap cannot show both positive and negative values.
  const apart = names.length === 1 || options.why === true || options.sideBySide === true;
  const most = apart ? MOST_PICTURES : HUES.length;
  if (names.length > most) {
    const hint = apart
      ? 'Pass fewer prompts, or use --json without -o, which has no limit.'
      : 'Pass fewer prompts, or use --side-by-side.';
    throw new UserError(`A heatmap shows at most ${most} prompts, but there are ${names.length}. ${hint}`);
  }
  const { size, signal, opacity, cells = false } = options;
  const picture = await inference.shownPixels(source, { width: size, height: size, background: 'light' }, signal);
  const maps = names.map((name, i) => legendMap(name, i, map, apart, options));
  const panels: Panel[] = [];
  for (const shown of apart ? maps.map((single) => [single]) : [maps]) {
    const painted = { ...picture, data: paintHeatmap(picture, shown, { opacity, cells }) };
    const width = Math.max(picture.width, LEAST_LEGEND);
    const height = LINE_HEIGHT * legendLines(shown.length);
    const svg = legendSvg(shown, width, noteOf(map, options));
    const bytes = new TextEncoder().encode(svg);
    const drawing = { kind: 'bytes', name: 'legend.svg', bytes } as const;
    panels.push({
      painted,
      legend: await inference.shownPixels(drawing, { width, height, background: 'any' }, signal),
    });
  }
  return arrange(panels);
}

function legendMap(name: string, index: number, map: Heatmap, apart: boolean, options: FigureOptions): LegendMap {
  const { columns, rows, area, range } = map;
  const cells = columns * rows;
  const values = map.values.subarray(index * cells, (index + 1) * cells);
  const signed = options.why === true;
  const colours: HeatmapColours = signed ? 'signed' : apart ? options.colours : index;
  const scale = options.relative ? relativeScale(values, signed) : { from: range[0], to: range[1] };
  return { name, grid: { columns, rows, area, values }, scale, colours, similarity: map.similarities[index] ?? 0 };
}

const methods = {
  denseHead: 'dense head of the encoder',
  backwardPass: 'gradient of the similarity',
  attentionPool: 'contributions to the attention pool',
  slidingWindow: 'sliding windows',
} as const satisfies Record<Heatmap['method'], string>;

function noteOf({ columns, rows, method }: Heatmap, { why, relative }: FigureOptions): string {
  const what = why ? 'Why: what each cell adds to the similarity' : 'Where: probability relative to the background';
  return `${what}; ${methods[method]}, ${columns} × ${rows} cells${relative ? ', colours relative to this picture' : ''}`;
}

interface Panel {
  readonly painted: Pixels;
  readonly legend: Pixels;
}

/** Arranges panels in rows on a white background. */
function arrange(panels: readonly Panel[]): Pixels {
  const across = Math.min(MOST_IN_A_ROW, panels.length);
  const cellWidth = Math.max(...panels.map(({ painted, legend }) => Math.max(painted.width, legend.width))) + MARGIN;
  const cellHeight = Math.max(...panels.map(({ painted, legend }) => painted.height + legend.height)) + 2 * MARGIN;
  const width = across * cellWidth + MARGIN;
  const height = Math.ceil(panels.length / across) * cellHeight + MARGIN;
  const whole: Pixels = { data: new Uint8ClampedArray(4 * width * height).fill(255), width, height };
  for (const [i, { painted, legend }] of panels.entries()) {
    const left = MARGIN + (i % across) * cellWidth;
    const top = MARGIN + Math.floor(i / across) * cellHeight;
    draw(painted, whole, left, top);
    draw(legend, whole, left, top + painted.height + MARGIN);
  }
  return whole;
}

/** Draws pixels with transparency over opaque ones. */
function draw(from: Pixels, onto: Pixels, left: number, top: number): void {
  for (let y = 0; y < from.height; y++) {
    for (let x = 0; x < from.width; x++) {
      const source = 4 * (y * from.width + x);
      const target = 4 * ((top + y) * onto.width + left + x);
      const share = (from.data[source + 3] ?? 0) / 255;
      for (let channel = 0; channel < 3; channel++) {
        const below = onto.data[target + channel] ?? 0;
        onto.data[target + channel] = below + ((from.data[source + channel] ?? 0) - below) * share;
      }
    }
  }
}
