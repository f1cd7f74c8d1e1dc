import { access, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { encode } from 'fast-png';
import {
  createInference,
  explainImage,
  HumanError,
  messageOf,
  openModelFolder,
  promptsOf,
  templateSets,
  type Heatmap,
  type ImageKind,
  type ImageSource,
  type Inference,
  type TemplateSet,
} from '../clip/index.ts';
import { readLabels } from '../library/index.ts';
import { drawFigure, type FigureOptions } from './heatmapFigure.ts';
import { valueText } from './heatmapLegend.ts';
import { print, printJson, table } from './output.ts';

export interface HeatmapOptions extends FigureOptions {
  readonly model: string;
  /** PNG to write. */
  readonly output?: string;
  readonly json?: boolean;
  readonly labels?: string;
  readonly templates?: TemplateSet;
  /** By default what the format suggests. */
  readonly background?: ImageKind;
  readonly threads?: number;
  readonly quiet?: boolean;
  readonly hostScript: string;
  readonly signal: AbortSignal;
}

/** A prompt as it was given, and the texts whose ensemble speaks for it. */
interface Prompt {
  readonly name: string;
  readonly texts: readonly string[];
}

/** `assetlens heatmap`: where in an image something is, or which parts its similarity comes from. */
export async function heatmap(image: string, names: readonly string[], options: HeatmapOptions): Promise<void> {
  const { output, signal, threads, hostScript } = options;
  if (output !== undefined && path.resolve(output) === path.resolve(image)) {
    throw new HumanError(`The picture would replace ${image} itself. Give -o another name.`);
  }
  await access(image).catch(() => {
    throw new HumanError(`There is no image ${image}. Check the path; quote it where it has spaces.`);
  });
  const prompts = await readPrompts(names, options);
  const model = await openModelFolder(options.model);
  await using inference = createInference({ model, hostScript, ...(threads && { threads }) });
  const source: ImageSource = { kind: 'file', path: path.resolve(image) };
  const found = await mapsOf(inference, source, prompts, options).catch((error: unknown) => {
    throw error instanceof HumanError ? new HumanError(`${image}: ${error.message}`) : error;
  });
  if (output !== undefined) {
    const figure = await drawFigure(inference, source, names, found.map, options);
    await writeFile(output, encode({ ...figure, channels: 4 })).catch((error: unknown) => {
      throw new HumanError(`The picture cannot be written to ${output} (${messageOf(error)}). Check the folder.`);
    });
  }
  signal.throwIfAborted();
  if (options.json) await printJson(asJson(image, prompts, found));
  else await print(asTable(prompts, found.map));
  if (output !== undefined && !options.quiet) process.stderr.write(`The picture is in ${output}.\n`);
}

/** A prompt that names a label of the file speaks through that label's prompts, as it does when images are tagged. */
async function readPrompts(names: readonly string[], { labels, templates }: HeatmapOptions): Promise<Prompt[]> {
  if (names.some((name) => name.trim() === ''))
    throw new HumanError('A prompt is empty. Say in words what to look for.');
  const sets = labels === undefined ? [] : (await readLabels(labels)).sets;
  const own = templates && templateSets[templates];
  return names.map((name): Prompt => {
    for (const set of sets) {
      const label = set.labels.find((one) => one.name.toLowerCase() === name.trim().toLowerCase());
      if (label) return { name, texts: promptsOf(label, own ?? set.templates ?? templateSets.icon) };
    }
    return { name, texts: promptsOf({ name }, own ?? templateSets.name) };
  });
}

interface Found {
  readonly map: Heatmap;
  /** Pixels of the image as it is shown. */
  readonly width: number;
  readonly height: number;
  readonly background: ImageKind;
}

async function mapsOf(
  inference: Inference,
  source: ImageSource,
  prompts: readonly Prompt[],
  { why, background: wanted, signal }: HeatmapOptions,
): Promise<Found> {
  const { format, width, height } = await inference.imageDetails(source, signal);
  const background = wanted ?? (format === 'JPEG' ? 'photo' : 'drawing'); // photographs come as JPEG, mostly
  const texts = prompts.map((prompt) => prompt.texts);
  const query = { kind: why ? 'why' : 'where', prompts: texts, imageKind: background } as const;
  return { map: await explainImage(inference, source, query, signal), width, height, background };
}

function asJson(image: string, prompts: readonly Prompt[], { map, width, height, background }: Found): object {
  const { columns, rows, area, values, range, similarities, method } = map;
  const why = range[0] < 0;
  const cells = columns * rows;
  return {
    path: image,
    ...{ width, height, kind: why ? 'why' : 'where', method },
    ...(why ? {} : { background }),
    ...{ columns, rows, area, range: range.map(digits) },
    prompts: prompts.map(({ name, texts }, i) => ({
      prompt: name,
      texts,
      similarity: digits(similarities[i] ?? 0),
      values: Array.from(values.subarray(i * cells, (i + 1) * cells), digits),
    })),
  };
}

/** As many digits as a float32 has. */
function digits(value: number): number {
  return Number(value.toPrecision(7));
}

function asTable(prompts: readonly Prompt[], { columns, rows, area, values, similarities }: Heatmap): string {
  const cells = columns * rows;
  const percent = (share: number): string => `${Math.round(100 * Math.min(1, Math.max(0, share)))} %`;
  const lines = prompts.map(({ name }, i) => {
    const own = values.subarray(i * cells, (i + 1) * cells);
    const hottest = own.reduce((best, value, cell) => (value > (own[best] ?? -Infinity) ? cell : best), 0);
    const across = area.left + (((hottest % columns) + 0.5) / columns) * area.width;
    const down = area.top + ((Math.floor(hottest / columns) + 0.5) / rows) * area.height;
    return [name, (similarities[i] ?? 0).toFixed(3), valueText(own[hottest] ?? 0), percent(across), percent(down)];
  });
  return table(['prompt', 'similarity', 'highest', 'from the left', 'from the top'], lines);
}
