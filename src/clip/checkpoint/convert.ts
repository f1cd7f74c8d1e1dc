import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isMissing } from '../../base/fileErrors.ts';
import { encoderGraphs, type ModelConfig } from '../families/clip/clip.ts';
import { denseGraphs } from '../families/clip/denseHead.ts';
import type { Interface } from '../families/layers/imageGraph.ts';
import type { Precision } from '../families/layers/precision.ts';
import { MANIFEST_FILE, type ModelFolder, type ModelManifest, openModelFolder } from '../base/manifest.ts';
import { saveModel, saveSharingWeights, weightBytes } from '../onnx/save.ts';
import { type Checkpoint, checkpointBytes, openCheckpoint } from './checkpoint.ts';
import { readLicence } from './licence.ts';
import { assertReplaceable, replaceFolder } from './replaceFolder.ts';
import { readSiglipTokens } from '../families/siglip/siglipTokens.ts';
import { readSpecialTokens } from './specialTokens.ts';

export interface ConvertOptions {
  readonly precision: Precision;
  /** For people; by default the name of the checkpoint's folder. */
  readonly name?: string;
  /** Of the checkpoint, where its model card names none. */
  readonly licence?: string | null;
  /** Whether a model that is in the folder may be replaced. Default: true. */
  readonly replace?: boolean;
  /** From 0 to 1. */
  readonly onProgress?: (fraction: number) => void;
  readonly signal?: AbortSignal;
}

const VISUAL = 'visual.onnx';
const VISUAL_WEIGHTS = `${VISUAL}.data`;
const DENSE = 'dense.onnx';
const GRADIENT = 'gradient.onnx';
const TEXTUAL = 'textual.onnx';
const TOKENIZER = 'tokenizer.json';
const CALIBRATION = 'calibration.json';
const written = new Set([
  ...[MANIFEST_FILE, VISUAL, VISUAL_WEIGHTS, DENSE, GRADIENT, TEXTUAL, `${TEXTUAL}.data`],
  ...[TOKENIZER, CALIBRATION],
]);

/**
 * The version of our own part in an embedding, besides the checkpoint's. Raise it whenever the same checkpoint would embed
 * otherwise: when the graphs of architecture/ compute anything else, or preprocess.ts makes other pixels. Changes of
 * preprocess.ts reach models that were converted before as well, so raise the manifest's formatVersion with them: such models are
 * then refused until they are converted again.
 */
export const EMBEDDING_VERSION = 1;

/**
 * Converts a CLIP or SigLIP checkpoint into a model folder: both encoders and, of a CLIP, the dense branch for heatmaps as ONNX graphs,
 * its tokenizer and a manifest. Weights pass through one at a time; those of the image encoder and its dense branch are kept once. A
 * folder of an earlier conversion is replaced, and only when the new one is whole.
 * @throws UserError where the checkpoint is none, is damaged or of another architecture, or where the folder holds
 * anything else; the signal's reason when it is aborted.
 */
export async function convertCheckpoint(
  checkpointFolder: string,
  outFolder: string,
  options: ConvertOptions,
): Promise<ModelFolder> {
  const { precision, replace = true, onProgress, signal } = options;
  const earlier = { files: written, marker: MANIFEST_FILE, mayBeReplaced: replace };
  await assertReplaceable(outFolder, earlier); // at once, and not when all weights have been read
  const checkpoint = await openCheckpoint(checkpointFolder);
  const graphs = checkpointGraphs(checkpoint, precision, 'assetlens');
  const { config, parameters } = checkpoint;
  const isSiglip = config.kind === 'siglip';
  const logScale = parameters.take('logit_scale', isSiglip ? [1] : []);
  const logitBias = isSiglip ? parameters.take('logit_bias', [1]) : null;
  checkpoint.assertAllTaken();
  const dense = checkpointDenseGraphs(checkpoint, precision);
  const visual = [
    { graph: graphs.visual, name: VISUAL },
    ...(dense ? [{ graph: dense.graph, name: DENSE }] : []),
    ...(dense?.gradient ? [{ graph: dense.gradient, name: GRADIENT }] : []),
  ];
  const tokens = await readTokens(checkpointFolder, config);

  const weights = [graphs.textual, ...visual.map(({ graph }) => graph)].reduce(
    (sum, graph) => sum + weightBytes(graph),
    0,
  );
  const total = (await checkpointBytes(checkpoint)) + weights;
  let done = 0;
  const advance = (bytes: number): void => {
    done += bytes;
    onProgress?.(Math.min(1, done / total));
  };
  const digest = await embeddingDigest(checkpoint, EMBEDDING_VERSION, advance, signal);
  const name = options.name ?? path.basename(path.resolve(checkpointFolder));

  await replaceFolder(outFolder, earlier, async (temporary) => {
    const save = { onWritten: advance, ...(signal && { signal }) };
    const models = visual.map(({ graph, name: file }) => ({ graph, file: path.join(temporary, file) }));
    if (dense) await saveSharingWeights(models, VISUAL_WEIGHTS, save);
    else await saveModel(graphs.visual, path.join(temporary, VISUAL), save);
    await saveModel(graphs.textual, path.join(temporary, TEXTUAL), save);
    await copyFile(path.join(checkpointFolder, TOKENIZER), path.join(temporary, TOKENIZER));
    const calibration = await copyIfThere(checkpointFolder, temporary, CALIBRATION);
    const [logarithm = NaN] = await logScale.read();
    const [bias] = (await logitBias?.read()) ?? [];
    const { resize, interpolation, background } = checkpoint.preprocessing;
    const manifest: ModelManifest = {
      formatVersion: 1,
      id: `${name}-${digest.slice(0, 12)}-${precision}`,
      name,
      licence: (await readLicence(checkpointFolder)) ?? options.licence ?? null,
      precision,
      embeddingSize: config.text.embeddingSize,
      logitScale: Math.exp(logarithm),
      ...(bias !== undefined && { logitBias: bias }),
      image: { graph: VISUAL, size: config.vision.imageSize, resize, interpolation, background },
      ...(dense && { dense: { graph: DENSE, gradient: dense.gradient ? GRADIENT : null } }),
      text: { graph: TEXTUAL, tokenizer: TOKENIZER, contextLength: config.text.contextLength, ...tokens },
      calibration: calibration ? CALIBRATION : null,
    };
    await writeFile(path.join(temporary, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
    signal?.throwIfAborted();
  });
  onProgress?.(1);
  return openModelFolder(outFolder);
}

/** Both encoders of an opened checkpoint, in any of our interfaces. */
export function checkpointGraphs(checkpoint: Checkpoint, precision: Precision, graphInterface: Interface) {
  const { config, parameters, preprocessing } = checkpoint;
  return encoderGraphs(config, parameters, {
    precision,
    interface: graphInterface,
    statistics: preprocessing.statistics,
  });
}

/** The dense branch of an opened checkpoint; null where its architecture has none. */
export function checkpointDenseGraphs({ config, parameters, preprocessing }: Checkpoint, precision: Precision) {
  if (config.kind === 'siglip') return null;
  const options = { precision, interface: 'assetlens', statistics: preprocessing.statistics } as const;
  return denseGraphs(config.vision, parameters, options);
}

/**
 * Of everything that an embedding depends on: weights, architecture, pre-processing, tokenizer and our own version of it all.
 * @returns SHA-256 in hex
 */
export async function embeddingDigest(
  { folder, config, preprocessing, weightFiles }: Checkpoint,
  version: number,
  onRead?: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<string> {
  const hash = createHash('sha256');
  for (const file of weightFiles) {
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
      signal?.throwIfAborted();
      hash.update(chunk);
      onRead?.(chunk.byteLength);
    }
  }
  hash.update(JSON.stringify({ version, config, preprocessing }));
  hash.update(await readFile(path.join(folder, TOKENIZER)));
  // Its text encoder sees what pads, which the tokenizer's file does not tell.
  if (config.kind === 'siglip') hash.update(JSON.stringify(await readTokens(folder, config)));
  return hash.digest('hex');
}

function readTokens(folder: string, { kind, text }: ModelConfig) {
  const { contextLength, vocabularySize } = text;
  if (kind !== 'siglip') return readSpecialTokens(folder, vocabularySize);
  return readSiglipTokens(folder, vocabularySize, contextLength);
}

async function copyIfThere(from: string, to: string, name: string): Promise<boolean> {
  try {
    await copyFile(path.join(from, name), path.join(to, name));
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
