import { copyFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isMissing } from '../../base/fileErrors.ts';
import { EMBEDDING_VERSION } from '../base/embeddingVersion.ts';
import {
  MANIFEST_FILE,
  type ModelFolder,
  type ModelManifest,
  openModelFolder,
  type Precision,
} from '../base/manifest.ts';
import { type DenseGraphs, encoderGraphs, type Score, type TokenSettings } from '../families/index.ts';
import type { Graph } from '../onnx/graph.ts';
import { saveModel, saveSharingWeights, weightBytes } from '../onnx/save.ts';
import { type Checkpoint, checkpointBytes, openCheckpoint } from './checkpoint.ts';
import { embeddingDigest } from './embeddingDigest.ts';
import { readLicence } from './licence.ts';
import { assertReplaceable, replaceFolder } from './replaceFolder.ts';

export interface ConvertOptions {
  readonly precision: Precision;
  /** Name in the user interface. Default: the name of the checkpoint's folder. */
  readonly name?: string;
  /** Licence of the checkpoint, used where its model card has none. */
  readonly licence?: string | null;
  /** Whether an existing model in the folder may be replaced. Default: true. */
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
const TOKENIZER_CONFIG = 'tokenizer_config.json';
const CALIBRATION = 'calibration.json';
const writtenFiles = new Set([
  ...[MANIFEST_FILE, VISUAL, VISUAL_WEIGHTS, DENSE, GRADIENT, TEXTUAL, `${TEXTUAL}.data`],
  ...[TOKENIZER, CALIBRATION],
]);

/**
 * Converts a checkpoint into a model folder: both encoders and, where the architecture has one, the dense branch for
 * heatmaps as ONNX graphs, with the tokenizer and a manifest. Weights are read one at a time; the image encoder and its
 * dense branch share theirs. An existing model in the folder is replaced when the new one is complete.
 * @throws UserError where the checkpoint is damaged or of an unknown architecture, or where the folder contains
 * anything else; the signal's reason when it is aborted
 */
export async function convertCheckpoint(
  checkpointFolder: string,
  outFolder: string,
  options: ConvertOptions,
): Promise<ModelFolder> {
  const { precision, replace = true, onProgress, signal } = options;
  const earlier = { files: writtenFiles, marker: MANIFEST_FILE, mayBeReplaced: replace };
  await assertReplaceable(outFolder, earlier); // before all weights are read
  const checkpoint = await openCheckpoint(checkpointFolder);
  const { architecture, parameters } = checkpoint;
  const graphs = takeGraphs(checkpoint, precision);
  const readScore = architecture.takeScore(parameters);
  checkpoint.assertAllTaken();
  const tokenizerFile = path.join(checkpointFolder, TOKENIZER);
  const tokenSettings = await architecture.family.readTokenSettings(
    { tokenizer: tokenizerFile, config: path.join(checkpointFolder, TOKENIZER_CONFIG) },
    architecture,
  );
  const advance = progressReporter((await checkpointBytes(checkpoint)) + graphBytes(graphs), onProgress);
  const digest = await embeddingDigest(checkpoint, {
    version: EMBEDDING_VERSION,
    tokenizerFile,
    tokenSettings,
    onRead: advance,
    signal,
  });
  const name = options.name ?? path.basename(path.resolve(checkpointFolder));
  await replaceFolder(outFolder, earlier, async (temporary) => {
    await writeGraphs(graphs, temporary, { onWritten: advance, ...(signal && { signal }) });
    await copyFile(tokenizerFile, path.join(temporary, TOKENIZER));
    const hasCalibration = await copyIfExists(checkpointFolder, temporary, CALIBRATION);
    const manifest = manifestOf(checkpoint, graphs, {
      id: `${name}-${digest.slice(0, 12)}-${precision}`,
      name,
      licence: (await readLicence(checkpointFolder)) ?? options.licence ?? null,
      precision,
      score: await readScore(),
      tokenSettings,
      hasCalibration,
    });
    await writeFile(path.join(temporary, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
    signal?.throwIfAborted();
  });
  onProgress?.(1);
  return openModelFolder(outFolder);
}

/** Both encoders of an opened checkpoint. */
export function checkpointGraphs({ architecture, parameters, preprocessing }: Checkpoint, precision: Precision) {
  return encoderGraphs(architecture, parameters, { precision, statistics: preprocessing.statistics });
}

interface ModelGraphs {
  readonly visual: Graph;
  readonly textual: Graph;
  readonly dense: DenseGraphs | null;
}

function takeGraphs(checkpoint: Checkpoint, precision: Precision): ModelGraphs {
  const { architecture, parameters, preprocessing } = checkpoint;
  const graphs = checkpointGraphs(checkpoint, precision);
  const options = { precision, statistics: preprocessing.statistics };
  return { ...graphs, dense: architecture.denseGraphs(parameters, options) };
}

function graphBytes({ visual, textual, dense }: ModelGraphs): number {
  const graphs = [visual, textual, dense?.graph, dense?.gradient];
  return graphs.reduce((sum, graph) => sum + (graph ? weightBytes(graph) : 0), 0);
}

async function writeGraphs(
  { visual, textual, dense }: ModelGraphs,
  folder: string,
  options: { readonly onWritten: (bytes: number) => void; readonly signal?: AbortSignal },
): Promise<void> {
  const fileOf = (name: string): string => path.join(folder, name);
  if (dense) {
    const models = [
      { graph: visual, file: fileOf(VISUAL) },
      { graph: dense.graph, file: fileOf(DENSE) },
      ...(dense.gradient ? [{ graph: dense.gradient, file: fileOf(GRADIENT) }] : []),
    ];
    await saveSharingWeights(models, VISUAL_WEIGHTS, options);
  } else {
    await saveModel(visual, fileOf(VISUAL), options);
  }
  await saveModel(textual, fileOf(TEXTUAL), options);
}

interface ManifestFields extends Pick<ModelManifest, 'id' | 'name' | 'licence' | 'precision'> {
  readonly score: Score;
  readonly tokenSettings: TokenSettings;
  readonly hasCalibration: boolean;
}

function manifestOf(
  { architecture, preprocessing }: Checkpoint,
  { dense }: ModelGraphs,
  { id, name, licence, precision, score, tokenSettings, hasCalibration }: ManifestFields,
): ModelManifest {
  const { resize, interpolation, background } = preprocessing;
  const { imageSize, contextLength, embeddingSize } = architecture;
  return {
    formatVersion: 2,
    ...{ id, name, licence, precision, embeddingSize },
    ...score,
    image: { graph: VISUAL, size: imageSize, resize, interpolation, background },
    ...(dense && {
      dense: { graph: DENSE, gradient: dense.gradient ? GRADIENT : null, onlyPhotos: dense.onlyPhotos },
    }),
    text: { graph: TEXTUAL, tokenizer: TOKENIZER, contextLength, ...tokenSettings },
    calibration: hasCalibration ? CALIBRATION : null,
  };
}

/** Returns a function that counts bytes and reports them as a fraction of `total`. */
function progressReporter(total: number, onProgress?: (fraction: number) => void): (bytes: number) => void {
  let done = 0;
  return (bytes) => {
    done += bytes;
    onProgress?.(Math.min(1, done / total));
  };
}

async function copyIfExists(from: string, to: string, name: string): Promise<boolean> {
  try {
    await copyFile(path.join(from, name), path.join(to, name));
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
