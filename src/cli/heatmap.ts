import { access, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { encode } from 'fast-png';
import { exactPercent } from '../base/format.ts';
import { fileOfImage, normalImagePath } from '../base/imagePath.ts';
import { printable } from '../base/printable.ts';
import { messageOf, UserError } from '../base/userError.ts';
import {
  createInference,
  explainImage,
  findModel,
  modelsFolder,
  openModelFolder,
  type BundledModel,
  promptsOf,
  templateSets,
  usualImageKind,
  type Heatmap,
  type HeatmapQuery,
  type ImageKind,
  type ImageSource,
  type Inference,
  type TemplateSet,
} from '../clip/index.ts';
import { readLabels } from '../library/index.ts';
import { drawFigure, type FigureOptions } from './heatmapFigure.ts';
import { limitsOf, type LimitOptions } from './limits.ts';
import { valueText } from './heatmapLegend.ts';
import { pathWithin } from '../base/paths.ts';
import { print, printJson, report, table } from './output.ts';
import { text, type Text } from './text.ts';

export interface HeatmapOptions extends FigureOptions, LimitOptions {
  readonly model?: string;
  readonly bundled: BundledModel;
  /** PNG file to write. */
  readonly output?: string;
  readonly json?: boolean;
  readonly labels?: string;
  readonly templates?: TemplateSet;
  /** Kind of the background prompts. Default: depends on the image's format. */
  readonly background?: ImageKind;
  readonly threads?: number;
  readonly quiet?: boolean;
  readonly hostScript: string;
  readonly signal: AbortSignal;
}

/** A prompt of the command line. Its embedding is the mean of the embeddings of its texts. */
interface Prompt {
  readonly name: string;
  readonly texts: readonly string[];
}

/** `assetlens heatmap`: shows where in an image something is, or how much each part contributes to the similarity. */
export async function heatmap(image: string, typed: readonly string[], options: HeatmapOptions): Promise<void> {
  const { output, signal, threads, hostScript } = options;
  const file = normalImagePath(path.resolve(image));
  if (output !== undefined && path.resolve(output) === fileOfImage(file)) {
    throw new UserError(`The output file would replace the image ${image}. Pass another file name to -o.`);
  }
  await access(fileOfImage(file)).catch(() => {
    throw new UserError(`There is no image ${image}. Check the path. Quote a path that contains spaces.`);
  });
  const names = [...new Set(typed)]; // prompts compete, so a repeated prompt would halve its own value
  const prompts = await readPrompts(names, options);
  const model = await openModelFolder(await findModel(options.model, modelsFolder(), options.bundled));
  await using inference = createInference({
    model,
    hostScript,
    limits: () => limitsOf(options),
    ...(threads && { threads }),
  });
  const folder = pathWithin(process.cwd(), file) === undefined ? path.dirname(file) : process.cwd();
  const source: ImageSource = { kind: 'file', path: file, folder };
  const explained = await explain(inference, source, prompts, options).catch((error: unknown) => {
    throw error instanceof UserError ? new UserError(`${printable(image)}: ${error.message}`.split('\n')) : error;
  });
  if (output !== undefined) {
    const figure = await drawFigure(inference, source, names, explained.map, options);
    await writeFile(output, encode({ ...figure, channels: 4 })).catch((error: unknown) => {
      throw new UserError(`The heatmap cannot be written to ${output} (${messageOf(error)}). Check the folder.`);
    });
  }
  signal.throwIfAborted();
  if (options.json) await printJson(asJson(image, prompts, explained));
  else await print(asTable(prompts, explained.map));
  if (options.quiet) return;
  for (const hint of hints(prompts, explained.map, options)) report(text`${hint}\n`);
  if (output !== undefined) report(text`Heatmap written to ${output}.\n`);
}

/** Minimum value of a cell that shows the prompt rather than the background or another prompt. */
const CLEARLY = 0.5;

/** Lists the prompts that no cell clearly shows. Without this hint, a grey heatmap would look like an error. */
function hints(prompts: readonly Prompt[], map: Heatmap, { why, relative }: HeatmapOptions): string[] {
  if (why || relative) return [];
  const unclear = prompts.filter((_, i) => Math.max(...valuesOf(map, i)) < CLEARLY).map(({ name }) => `"${name}"`);
  if (unclear.length === 0) return [];
  return [`No part clearly shows ${unclear.join(', ')}; --relative shows the parts that match best.`];
}

function valuesOf({ columns, rows, values }: Heatmap, index: number): Float32Array {
  return values.subarray(index * columns * rows, (index + 1) * columns * rows);
}

/** Reads the prompts. A prompt that names a label of the labels file gets the prompts of that label, as in tagging. */
async function readPrompts(names: readonly string[], { labels, templates }: HeatmapOptions): Promise<Prompt[]> {
  if (names.some((name) => name.trim() === '')) {
    throw new UserError('A prompt is empty. Pass a phrase, such as "shopping cart".');
  }
  const sets = labels === undefined ? [] : (await readLabels(labels)).sets;
  const override = templates && templateSets[templates];
  return names.map((name): Prompt => {
    for (const set of sets) {
      const label = set.labels.find((candidate) => candidate.name.toLowerCase() === name.trim().toLowerCase());
      if (label) return { name, texts: promptsOf(label, override ?? set.templates ?? templateSets.icon) };
    }
    return { name, texts: promptsOf({ name }, override ?? templateSets.name) };
  });
}

interface ExplainedImage {
  readonly kind: HeatmapQuery['kind'];
  readonly map: Heatmap;
  /** Width in pixels, after the orientation of the file is applied. */
  readonly width: number;
  readonly height: number;
  readonly background: ImageKind;
}

async function explain(
  inference: Inference,
  source: ImageSource,
  prompts: readonly Prompt[],
  { why, background: override, signal }: HeatmapOptions,
): Promise<ExplainedImage> {
  const { format, width, height } = await inference.imageDetails(source, signal);
  const background = override ?? usualImageKind(format);
  const texts = prompts.map((prompt) => prompt.texts);
  const kind = why ? 'why' : 'where';
  const map = await explainImage(
    inference,
    source,
    { kind, prompts: texts, subjects: prompts.map(({ name }) => name), imageKind: background },
    signal,
  );
  return { kind, map, width, height, background };
}

function asJson(
  image: string,
  prompts: readonly Prompt[],
  { kind, map, width, height, background }: ExplainedImage,
): object {
  const { columns, rows, area, range, similarities, method } = map;
  return {
    path: image,
    ...{ width, height, kind, method },
    ...(kind === 'where' && { background }),
    ...{ columns, rows, area, range: range.map(digits) },
    prompts: prompts.map(({ name, texts }, i) => ({
      prompt: name,
      texts,
      similarity: digits(similarities[i] ?? 0),
      values: Array.from(valuesOf(map, i), digits),
    })),
  };
}

/** Rounds to the decimal digits of a float32. */
function digits(value: number): number {
  return Number(value.toPrecision(7));
}

function asTable(prompts: readonly Prompt[], map: Heatmap): Text {
  const { columns, rows, area, similarities } = map;
  const position = (share: number): string => exactPercent(Math.min(1, Math.max(0, share)));
  const lines = prompts.map(({ name }, i) => {
    const values = valuesOf(map, i);
    const hottest = values.reduce((best, value, cell) => (value > (values[best] ?? -Infinity) ? cell : best), 0);
    const across = area.left + (((hottest % columns) + 0.5) / columns) * area.width;
    const down = area.top + ((Math.floor(hottest / columns) + 0.5) / rows) * area.height;
    return [name, (similarities[i] ?? 0).toFixed(3), valueText(values[hottest] ?? 0), position(across), position(down)];
  });
  return table(['prompt', 'similarity', 'highest', 'from the left', 'from the top'], lines);
}
