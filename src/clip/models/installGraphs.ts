import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readRegularFile } from '../../base/regularFile.ts';
import { UserError } from '../../base/userError.ts';
import { EMBEDDING_VERSION } from '../base/embeddingVersion.ts';
import { MANIFEST_FILE, type ImageInput, type ModelManifest, type TextInput } from '../base/manifest.ts';
import { readLicence } from '../checkpoint/licence.ts';
import type { ModelFamily, ThirdPartyGraphs } from '../families/index.ts';
import { readGraphInterface, type GraphInterface } from '../onnx/graphInterface.ts';
import { tokenizerOfMerges } from '../text/mergesFile.ts';
import { loadTokenizer } from '../text/tokenizer.ts';
import { imageGraphTensors, pixelInput, textGraphTensors, tokenInputs } from './graphTensors.ts';
import { safeName } from './hub/cache.ts';
import { assertDiskSpace } from './hub/diskSpace.ts';
import type { InstallOptions } from './install.ts';
import type { GraphLayout } from './layouts.ts';
import { readLayoutSettings } from './layoutSettings.ts';
import { placeFile, sizeOfFiles } from './placeFile.ts';
import type { ModelSource } from './source.ts';

const TOKENIZER = 'tokenizer.json';
/** Maximum size of the packed merges, in bytes. */
const LARGEST_MERGES = 20_000_000;

/**
 * Makes a model folder from third-party graphs. The values in their files are checked against the graphs; missing
 * values are read from the graphs.
 * @throws UserError where files and graphs differ, or the graphs cannot be run
 */
export async function installGraphs(
  layout: GraphLayout,
  source: ModelSource,
  out: string,
  { name, signal, score }: InstallOptions,
): Promise<void> {
  const files = [
    ...[layout.visual, layout.textual, layout.tokenizer],
    ...[layout.preprocessing, layout.config, layout.tokenizerConfig].filter((file) => file !== null),
    ...source.files.filter((file) => file === 'README.md' || isWeightFile(file, layout)),
  ];
  const root = await source.fetch(files);
  const pathOf = (file: string): string => path.join(root, ...file.split('/'));
  const visual = await readGraphInterface(pathOf(layout.visual));
  const textual = await readGraphInterface(pathOf(layout.textual));
  const visualFiles = [layout.visual, ...externalFiles(layout.visual, visual, source)];
  const textualFiles = [layout.textual, ...externalFiles(layout.textual, textual, source)];
  const graphFiles = [...visualFiles, ...textualFiles];
  await source.fetch(graphFiles);
  await assertDiskSpace(out, await sizeOfFiles(root, graphFiles), 'set ASSETLENS_MODELS to a folder on another disk');

  await writeTokenizer(pathOf(layout.tokenizer), path.join(out, TOKENIZER));
  const place = (folder: 'visual' | 'textual', file: string): Promise<void> =>
    placeFile(pathOf(file), path.join(out, graphName(folder, file)), source.isImmutable);
  for (const file of visualFiles) await place('visual', file);
  for (const file of textualFiles) await place('textual', file);
  const { thirdParty, description } = await describe(layout, root, out, { visual, textual });
  const digest = await digestOf(description, [...graphFiles.map(pathOf), path.join(out, TOKENIZER)], signal);
  const { precision } = layout;
  const manifest: ModelManifest = {
    formatVersion: 2,
    id: `${name}-${digest.slice(0, 12)}-${precision}`,
    name,
    licence: source.licence ?? (await readLicence(root)),
    precision,
    ...(score ?? thirdParty.defaultScore),
    calibration: null,
    ...description,
  };
  await writeFile(path.join(out, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
}

function graphName(folder: 'visual' | 'textual', file: string): string {
  return `${folder}/${path.posix.basename(file)}`;
}

/** Whether a file has weights of a graph, by the names that exporters use (model.onnx_data, model.onnx.data). */
function isWeightFile(file: string, { visual, textual }: GraphLayout): boolean {
  return [visual, textual].some((graph) => file.startsWith(`${graph}_data`) || file.startsWith(`${graph}.data`));
}

/** @throws UserError where a weight file of the graph is missing, or in another folder */
function externalFiles(
  graph: string,
  { externalFiles: locations }: GraphInterface,
  { files, label }: ModelSource,
): string[] {
  return locations.map((location) => {
    const file = path.posix.join(path.posix.dirname(graph), safeName(location));
    if (files.includes(file) && !location.includes('/')) return file;
    throw new UserError(
      `${graph} of ${label} has weights in "${location}", which is not a file in the same folder. Use another repository.`,
    );
  });
}

async function writeTokenizer(from: string, to: string): Promise<void> {
  if (!from.endsWith('.gz')) {
    await placeFile(from, to, false);
    return;
  }
  await writeFile(to, JSON.stringify(tokenizerOfMerges(await readRegularFile(from, LARGEST_MERGES), from)));
}

/** The part of the manifest that describes the encoders. */
type Description = Pick<ModelManifest, 'embeddingSize' | 'image' | 'text'>;

interface GraphInterfaces {
  readonly visual: GraphInterface;
  readonly textual: GraphInterface;
}

async function describe(
  layout: GraphLayout,
  root: string,
  out: string,
  graphs: GraphInterfaces,
): Promise<{ readonly thirdParty: ThirdPartyGraphs; readonly description: Description }> {
  const { visual, textual } = layout;
  const { length } = tokenInputs(graphs.textual, textual);
  const settings = await readLayoutSettings(layout, root, {
    imageSize: pixelInput(graphs.visual, visual).size,
    contextLength: length,
  });
  const { family, preprocessing } = settings;
  const thirdParty = thirdPartyGraphsOf(family, visual);
  const image = imageGraphTensors(graphs.visual, thirdParty.imageOutputs, preprocessing.statistics, visual);
  const text = textGraphTensors(graphs.textual, thirdParty.textOutputs, textual);
  assertProjected(family, thirdParty, [image.tensors.output, text.tensors.output], visual);
  const { resize, interpolation, background } = preprocessing;
  const imageInput: ImageInput = {
    graph: graphName('visual', visual),
    tensors: image.tensors,
    size: agreed('image size', [image.size, settings.imageSize], visual),
    resize,
    interpolation,
    background,
  };
  const contextLength = agreed('context length', [length, settings.contextLength], textual);
  const tokenizer = path.join(out, TOKENIZER);
  const { tokenizerConfig } = layout;
  const tokenSettings = await family.readTokenSettings(
    { tokenizer, config: tokenizerConfig === null ? null : path.join(root, ...tokenizerConfig.split('/')) },
    { vocabularySize: settings.vocabularySize ?? Infinity, contextLength },
  );
  const textInput: TextInput = {
    graph: graphName('textual', textual),
    tensors: text.tensors,
    tokenizer: TOKENIZER,
    contextLength,
    ...tokenSettings,
  };
  await loadTokenizer(tokenizer, textInput); // fails now, and not at the first text
  const sizes = [image.embeddingSize, text.embeddingSize, settings.embeddingSize];
  const embeddingSize = agreed('embedding size', sizes, visual);
  return { thirdParty, description: { embeddingSize, image: imageInput, text: textInput } };
}

/** @throws UserError where the family has no third-party graphs */
function thirdPartyGraphsOf({ name, thirdParty }: ModelFamily, graph: string): ThirdPartyGraphs {
  if (thirdParty) return thirdParty;
  throw new UserError(
    `${graph} is a graph of ${name}. AssetLens supports only checkpoints of this family. Use a repository with a checkpoint.`,
  );
}

/** @throws UserError where an encoder ends before its projection */
function assertProjected(
  { name }: ModelFamily,
  { unprojectedOutputs }: ThirdPartyGraphs,
  outputs: readonly string[],
  graph: string,
): void {
  const unprojected = outputs.find((output) => unprojectedOutputs.includes(output));
  if (unprojected === undefined) return;
  throw new UserError(
    `${graph} or its text graph has the output "${unprojected}", which is not projected into the embedding space of ${name}. Use another export of this model, with its projections.`,
  );
}

/** @throws UserError where no source has the number, or two sources differ */
function agreed(what: string, values: readonly (number | null)[], graph: string): number {
  const [first, ...others] = new Set(values.filter((value) => value !== null));
  if (first !== undefined && others.length === 0) return first;
  throw new UserError(
    first === undefined
      ? `Neither ${graph} nor its configuration files contain the ${what} of the model. Use another repository.`
      : `${graph} and its configuration files have different ${what}: ${[first, ...others].join(', ')}. Use another repository.`,
  );
}

/**
 * A digest of everything that an embedding depends on.
 * @returns SHA-256 in hex
 */
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
