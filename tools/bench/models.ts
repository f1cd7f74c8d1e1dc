import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { convertCheckpoint, type ModelFolder } from '../../src/clip/index.ts';
import type { PixelStatistics } from '../../src/clip/families/index.ts';
import { openCheckpoint } from '../../src/clip/checkpoint/checkpoint.ts';
import { openModelFolder } from '../../src/clip/base/manifest.ts';
import { saveModel } from '../../src/clip/onnx/save.ts';
import { SMALLEST_TEXT, writeRandomCheckpoint } from '../shared/randomCheckpoint.ts';
import { transformersJsGraphs } from '../shared/transformersJsGraphs.ts';
import type { RandomVit } from './sizes.ts';

const root = path.resolve(import.meta.dirname, '../..');
export const cacheFolder = path.join(root, 'build/bench');
const peerModels = path.join(cacheFolder, 'peer');
const FORMS = ['fp32', 'int8'] as const;
export type Form = (typeof FORMS)[number];

/** A model with the same weights for both sides. */
export interface ComparedModel {
  readonly ours: Readonly<Record<Form, ModelFolder>>;
  readonly peer: { readonly models: string; readonly name: string };
  /** The mean and standard deviation of the pixels in the checkpoint. */
  readonly statistics: PixelStatistics;
}

/** A vision transformer with random weights. */
export async function randomVit({ name, vision, deviation }: RandomVit): Promise<ComparedModel> {
  const checkpoint = path.join(cacheFolder, 'checkpoints', name);
  const inputs = ['sizes.ts', '../shared/randomCheckpoint.ts'].map((file) => path.join(import.meta.dirname, file));
  await onceFor(inputs, checkpoint, () =>
    writeRandomCheckpoint(checkpoint, { vision, text: SMALLEST_TEXT }, deviation),
  );
  return convertForBoth(checkpoint, name);
}

export function bundledModel(): Promise<ComparedModel> {
  return convertForBoth(path.join(root, 'models/assetlens-icons'), 'assetlens-icons');
}

async function convertForBoth(checkpoint: string, name: string): Promise<ComparedModel> {
  const inputs = [
    ...globSync(path.join(root, 'src/clip/**/*.ts')),
    ...globSync(path.join(checkpoint, '*.{json,safetensors,txt}')),
  ];
  const folderOf = (form: Form) => path.join(cacheFolder, 'models', `${name}-${form}`);
  for (const precision of FORMS) {
    const folder = folderOf(precision);
    await onceFor(inputs, folder, () => convertCheckpoint(checkpoint, folder, { precision }));
  }
  const peer = path.join(peerModels, name);
  await onceFor(inputs, peer, () => exportForPeer(checkpoint, peer));
  const ours = { fp32: await openModelFolder(folderOf('fp32')), int8: await openModelFolder(folderOf('int8')) };
  const { statistics } = (await openCheckpoint(checkpoint)).preprocessing;
  return { ours, peer: { models: peerModels, name }, statistics };
}

/** Writes the same graphs with the inputs, outputs and file names that transformers.js requires. */
async function exportForPeer(from: string, folder: string): Promise<void> {
  await mkdir(path.join(folder, 'onnx'), { recursive: true });
  const { architecture, preprocessing } = await openCheckpoint(from);
  for (const form of FORMS) {
    // An open checkpoint gives each parameter to one graph only.
    const { visual } = transformersJsGraphs(await openCheckpoint(from), form);
    await saveModel(
      visual,
      path.join(folder, 'onnx', form === 'fp32' ? 'vision_model.onnx' : `vision_model_${form}.onnx`),
    );
  }
  const side = architecture.imageSize;
  const json = (name: string, value: unknown) => writeFile(path.join(folder, name), JSON.stringify(value));
  await json('config.json', { model_type: 'clip', architectures: ['CLIPModel'] });
  await json('preprocessor_config.json', {
    image_processor_type: 'CLIPImageProcessor',
    do_resize: true,
    size: { shortest_edge: side },
    resample: 3,
    do_center_crop: true,
    crop_size: { width: side, height: side },
    do_normalize: true,
    image_mean: preprocessing.statistics.mean,
    image_std: preprocessing.statistics.std,
  });
}

/** Makes a folder, unless it exists and was made from the same inputs. */
async function onceFor(inputs: readonly string[], folder: string, make: () => Promise<unknown>): Promise<void> {
  const digest = createHash('sha256');
  for (const file of inputs.toSorted()) digest.update(file).update(readFileSync(file));
  const expected = digest.digest('hex');
  const stamp = `${folder}.stamp`;
  if (existsSync(folder) && existsSync(stamp) && readFileSync(stamp, 'utf8') === expected) return;
  console.error(`Preparing ${path.relative(root, folder)} …`);
  await rm(folder, { recursive: true, force: true });
  await make();
  await writeFile(stamp, expected);
}

/** The script of the inference process, run from the sources. */
export const hostScript = path.join(root, 'src/clip/runtime/host.ts');
