import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../base/userError.ts';
import { EMBEDDING_VERSION } from '../checkpoint/convert.ts';
import { readLicence } from '../checkpoint/licence.ts';
import { tokenizerOfMerges } from '../checkpoint/mergesFile.ts';
import { openaiPreprocessing } from '../checkpoint/preprocessing.ts';
import { readSiglipTokens } from '../families/siglip/siglipTokens.ts';
import { readSpecialTokens } from '../checkpoint/specialTokens.ts';
import { readGraphInterface, type GraphInterface } from '../onnx/graphInterface.ts';
import { loadTokenizer } from '../text/tokenizer.ts';
import { imageGraphTensors, POOLED, textGraphTensors } from './graphTensors.ts';
import { safeName } from './hub/cache.ts';
import { assertDiskSpace } from './hub/diskSpace.ts';
import type { InstallOptions } from './install.ts';
import type { GraphLayout } from './layouts.ts';
import { readLayoutSettings, type LayoutSettings } from './layoutSettings.ts';
import { MANIFEST_FILE, type ImageInput, type ModelManifest, type TextInput } from '../base/manifest.ts';
import { placeFile, sizeOfFiles } from './placeFile.ts';
import type { ModelSource } from './source.ts';

const TOKENIZER = 'tokenizer.json';

/** exp(t): the paper clips it there (section 2.5), which all published CLIPs reach; the graphs of one encoder do not hold it. */
const LOGIT_SCALE = 100;

/**
 * Makes a model folder of the graphs of another maker. What their files say is checked against the graphs, and the rest is read of
 * these.
 * @throws UserError where the two disagree, or the graphs are none that can be run
 */
export async function installGraphs(
  layout: GraphLayout,
  source: ModelSource,
  out: string,
  { name, signal, sigmoid }: InstallOptions,
): Promise<void> {
  const named = [layout.visual, layout.textual, layout.tokenizer, layout.preprocessing, layout.config, layout.tokenizerConfig];
  const besides = source.files.filter((file) => file === 'README.md' || isDataOf(file, layout));
  const files = [...named.filter((file) => file !== null), ...besides];
  const root = await source.fetch(files);
  const at = (file: string): string => path.join(root, ...file.split('/'));
  const visual = await readGraphInterface(at(layout.visual));
  const textual = await readGraphInterface(at(layout.textual));
  const visualFiles = [layout.visual, ...externalFiles(layout.visual, visual, source)];
  const textualFiles = [layout.textual, ...externalFiles(layout.textual, textual, source)];
  const graphs = [...visualFiles, ...textualFiles];
  await source.fetch(graphs);
  await assertDiskSpace(out, await sizeOfFiles(root, graphs), 'name another folder for models (ASSETLENS_MODELS)');

  await writeTokenizer(at(layout.tokenizer), path.join(out, TOKENIZER));
  for (const file of visualFiles) await placeFile(at(file), path.join(out, graphIn('visual', file)), source.isImmutable);
  for (const file of textualFiles) await placeFile(at(file), path.join(out, graphIn('textual', file)), source.isImmutable);
  const { family, ...description } = await describe(layout, root, out, { visual, textual });
  const digest = await digestOf(description, [...graphs.map(at), path.join(out, TOKENIZER)], signal);
  const { precision } = layout;
  const manifest: ModelManifest = {
    formatVersion: 1,
    id: `${name}-${digest.slice(0, 12)}-${precision}`,
    name,
    licence: source.licence ?? (await readLicence(root)),
    precision,
    ...(family === 'siglip' && sigmoid ? sigmoid : { logitScale: LOGIT_SCALE }),
    calibration: null,
    ...description,
  };
  await writeFile(path.join(out, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
}

function graphIn(folder: 'visual' | 'textual', file: string): string {
  return `${folder}/${path.posix.basename(file)}`;
}

/** Weights beside a graph, as exporters call them: model.onnx_data, model.onnx.data, … They are asked for together with it. */
function isDataOf(file: string, { visual, textual }: GraphLayout): boolean {
  return [visual, textual].some((graph) => file.startsWith(`${graph}_data`) || file.startsWith(`${graph}.data`));
}

/** @throws UserError where the graph names a file that is not there, or not beside it */
function externalFiles(graph: string, { externalFiles: locations }: GraphInterface, { files, label }: ModelSource): string[] {
  return locations.map((location) => {
    const file = path.posix.join(path.posix.dirname(graph), safeName(location));
    if (files.includes(file) && !location.includes('/')) return file;
    throw new UserError(`${graph} of ${label} keeps weights in "${location}", which is not beside it. Use another repository.`);
  });
}

async function writeTokenizer(from: string, to: string): Promise<void> {
  if (!from.endsWith('.gz')) {
    await placeFile(from, to, false);
    return;
  }
  await writeFile(to, JSON.stringify(tokenizerOfMerges(await readFile(from), from)));
}

type Description = Pick<ModelManifest, 'embeddingSize' | 'image' | 'text'>;

/** What the manifest says of the encoders. */
async function describe(
  layout: GraphLayout,
  root: string,
  out: string,
  graphs: { readonly visual: GraphInterface; readonly textual: GraphInterface },
): Promise<Description & Pick<LayoutSettings, 'family'>> {
  const { visual, textual } = layout;
  const text = textGraphTensors(graphs.textual, textual);
  const { size: graphSize } = imageGraphTensors(graphs.visual, openaiPreprocessing.statistics, visual);
  const { length } = text.tensors;
  const settings = await readLayoutSettings(layout, root, { size: graphSize, length });
  const { family, vocabularySize } = settings;
  const { resize, interpolation, background, statistics } = settings.preprocessing;
  const image = imageGraphTensors(graphs.visual, statistics, visual);
  assertProjected(family, [image.tensors.output, text.tensors.output], visual);
  const imageInput: ImageInput = {
    graph: graphIn('visual', visual),
    tensors: image.tensors,
    size: agreed('pixels a side', [image.size, settings.imageSize], visual),
    resize,
    interpolation,
    background,
  };
  const contextLength = agreed('tokens a text', [length, settings.contextLength], textual);
  const tokens =
    family === 'siglip'
      ? await readSiglipTokens(path.dirname(path.join(root, layout.tokenizer)), vocabularySize ?? Infinity, contextLength)
      : await readSpecialTokens(out, vocabularySize ?? Infinity);
  const textInput: TextInput = {
    graph: graphIn('textual', textual),
    tensors: text.tensors,
    tokenizer: TOKENIZER,
    contextLength,
    ...tokens,
  };
  await loadTokenizer(path.join(out, TOKENIZER), textInput); // says at once where it cannot be used
  const sizes = [image.embeddingSize, text.embeddingSize, settings.embeddingSize];
  return { family, embeddingSize: agreed('values an embedding', sizes, visual), image: imageInput, text: textInput };
}

/** @throws UserError where an encoder of CLIP stops before its projection */
function assertProjected(family: LayoutSettings['family'], outputs: readonly string[], graph: string): void {
  if (family !== 'clip' || !outputs.includes(POOLED)) return;
  throw new UserError(
    `${graph} or the graph of texts beside it puts out "${POOLED}", which in a CLIP is no embedding yet. Use another export of this model, with its projections.`,
  );
}

/** The one number that all who say one agree on. */
function agreed(what: string, said: readonly (number | null)[], graph: string): number {
  const [first, ...others] = new Set(said.filter((value) => value !== null));
  if (first !== undefined && others.length === 0) return first;
  throw new UserError(
    first === undefined
      ? `Neither ${graph} nor the files beside it say how many ${what} the model has. Use another repository.`
      : `${graph} and the files beside it disagree on the ${what} of the model: ${[first, ...others].join(', ')}. Use another repository.`,
  );
}

/** Of everything that an embedding depends on. @returns SHA-256 in hex */
async function digestOf(description: Description, files: readonly string[], signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify({ version: EMBEDDING_VERSION, ...description }));
  for (const file of files) {
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
      signal?.throwIfAborted();
      hash.update(chunk);
    }
  }
  return hash.digest('hex');
}
