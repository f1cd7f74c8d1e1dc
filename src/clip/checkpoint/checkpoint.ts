import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ModelConfig } from '../families/clip/clip.ts';
import type { Parameters } from '../families/layers/parameters.ts';
import { assertShape } from '../families/clip/shape.ts';
import { UserError, messageOf } from '../../base/userError.ts';
import { fromHuggingFace, isHuggingFace } from '../families/clip/huggingFaceNames.ts';
import { parseHuggingFaceConfig } from '../families/clip/huggingFaceConfig.ts';
import { inferConfig } from '../families/clip/inferredConfig.ts';
import { parseOpenClipConfig } from '../families/clip/openClipConfig.ts';
import {
  openaiPreprocessing,
  parseHuggingFacePreprocessing,
  parseOpenClipPreprocessing,
  type Preprocessing,
} from './preprocessing.ts';
import { readJson } from './readJson.ts';
import { readSafetensorsHeader, readShardedHeader, type StoredTensor } from './safetensors.ts';
import { type StoredParameters, storedParameters } from './storedParameters.ts';

/** The folder of a CLIP or SigLIP checkpoint whose configuration and headers have been read; its weights have not. */
export interface Checkpoint {
  readonly folder: string;
  readonly config: ModelConfig;
  readonly preprocessing: Preprocessing;
  /** Under the names of openai/CLIP. */
  readonly parameters: Parameters;
  readonly assertAllTaken: StoredParameters['assertAllTaken'];
  /** The files that hold the weights. */
  readonly weightFiles: readonly string[];
}

const SHARDED = 'model.safetensors.index.json';
const OPEN_CLIP_CONFIG = 'open_clip_config.json';
const pickled = /\.(pt|pth|bin|ckpt)$/;

/**
 * Opens the folder of a checkpoint as transformers (config.json, model.safetensors, preprocessor_config.json) or open_clip
 * (open_clip_config.json, open_clip_model.safetensors) saves it, or of OpenAI's weights saved as one .safetensors file.
 * @throws UserError where the folder holds no such checkpoint or a file of it is damaged.
 */
export async function openCheckpoint(folder: string): Promise<Checkpoint> {
  const files = await readdir(folder).catch((error: unknown) => {
    throw new UserError(`The checkpoint folder ${folder} cannot be read (${messageOf(error)}). Check its path.`);
  });
  const weights = chooseWeights(folder, files);
  const file = path.join(folder, weights);
  const tensors = weights === SHARDED ? await readShardedHeader(file) : await readSafetensorsHeader(file);
  const stored = storedParameters(tensors, folder);
  const weightFiles = [...new Set([...tensors.values()].map((tensor) => tensor.file))].sort();
  const common = { folder, assertAllTaken: stored.assertAllTaken, weightFiles };
  const ofTransformers = isHuggingFace(tensors.keys());
  const description = ofTransformers
    ? await describedByHuggingFace(folder, files)
    : await describedByOpenClip(folder, files, tensors);
  assertShape(description.config, folder);
  return { ...common, parameters: ofTransformers ? fromHuggingFace(stored) : stored, ...description };
}

type Description = Pick<Checkpoint, 'config' | 'preprocessing'>;

async function describedByHuggingFace(folder: string, files: readonly string[]): Promise<Description> {
  if (!files.includes('config.json')) {
    throw new UserError(
      `The checkpoint in ${folder} has no config.json, which says how many heads its encoders have. Download it from where the weights came from.`,
    );
  }
  const configFile = path.join(folder, 'config.json');
  const config = parseHuggingFaceConfig(await readJson(configFile), configFile);
  if (!files.includes('preprocessor_config.json')) {
    if (config.kind !== 'siglip') return { config, preprocessing: openaiPreprocessing };
    throw new UserError(
      `The checkpoint in ${folder} has no preprocessor_config.json, which says how its images are prepared. Download it from where the weights came from.`,
    );
  }
  const file = path.join(folder, 'preprocessor_config.json');
  return { config, preprocessing: parseHuggingFacePreprocessing(await readJson(file), file, config.vision.imageSize) };
}

async function describedByOpenClip(
  folder: string,
  files: readonly string[],
  tensors: ReadonlyMap<string, StoredTensor>,
): Promise<Description> {
  if (!files.includes(OPEN_CLIP_CONFIG)) {
    return { config: inferConfig(tensors, folder), preprocessing: openaiPreprocessing };
  }
  const file = path.join(folder, OPEN_CLIP_CONFIG);
  const json = await readJson(file);
  return { config: parseOpenClipConfig(json, file), preprocessing: parseOpenClipPreprocessing(json, file) };
}

/** The file that holds the weights or tells where they are. */
function chooseWeights(folder: string, files: readonly string[]): string {
  const preferred = ['open_clip_model.safetensors', SHARDED, 'model.safetensors'].find((name) => files.includes(name));
  if (preferred !== undefined) return preferred;
  const [first, second] = files.filter((name) => name.endsWith('.safetensors')).sort();
  if (first !== undefined && second === undefined) return first;
  if (first !== undefined) {
    throw new UserError(
      `${folder} holds several .safetensors files and no ${SHARDED} that says which belong together. ` +
        'Name the one with the weights model.safetensors.',
    );
  }
  const pickle = files.find((name) => pickled.test(name));
  if (pickle !== undefined) {
    throw new UserError(
      `${folder} holds its weights as a Python pickle (${pickle}), which can run code when it is opened, and is not read. ` +
        'Save it as model.safetensors first, in Python: safetensors.torch.save_file(torch.load(file, weights_only=True), "model.safetensors"), ' +
        'or from_pretrained(folder) and save_pretrained(folder) of transformers.',
    );
  }
  throw new UserError(`${folder} holds no .safetensors file. Give the folder of a CLIP checkpoint.`);
}

/** Bytes of all weight files of a checkpoint. */
export async function checkpointBytes({ weightFiles }: Checkpoint): Promise<number> {
  let sum = 0;
  for (const file of weightFiles) sum += (await stat(file)).size;
  return sum;
}
