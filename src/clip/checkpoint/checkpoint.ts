import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError, messageOf } from '../../base/userError.ts';
import { readJson } from '../base/readJson.ts';
import {
  type Architecture,
  huggingFaceFamily,
  inferArchitecture,
  isHuggingFace,
  openaiPreprocessing,
  type Parameters,
  parseHuggingFacePreprocessing,
  parseOpenClipArchitecture,
  parseOpenClipPreprocessing,
  type Preprocessing,
} from '../families/index.ts';
import { readSafetensorsHeader, readShardedHeader, type StoredTensor } from './safetensors.ts';
import { StoredParameters } from './storedParameters.ts';

/** A checkpoint folder whose configuration and tensor headers have been read, but not its weights. */
export interface Checkpoint {
  readonly folder: string;
  readonly architecture: Architecture;
  readonly preprocessing: Preprocessing;
  /** Under the names that the architecture takes. */
  readonly parameters: Parameters;
  /**
   * Call it after the architecture has taken all of its parameters.
   * @throws UserError with the tensors that are missing, have another shape, or are not used
   */
  readonly assertAllTaken: () => void;
  /** The files that contain the weights. */
  readonly weightFiles: readonly string[];
}

const SHARDED = 'model.safetensors.index.json';
const OPEN_CLIP_CONFIG = 'open_clip_config.json';
const HUGGING_FACE_CONFIG = 'config.json';
const PREPROCESSOR_CONFIG = 'preprocessor_config.json';
const pickled = /\.(pt|pth|bin|ckpt)$/;

/**
 * Opens a checkpoint folder of transformers (config.json, model.safetensors, preprocessor_config.json) or open_clip
 * (open_clip_config.json, open_clip_model.safetensors), or of OpenAI's weights in one .safetensors file.
 * @throws UserError where the folder has no such checkpoint or a file is damaged
 */
export async function openCheckpoint(folder: string): Promise<Checkpoint> {
  const files = await readdir(folder).catch((error: unknown) => {
    throw new UserError(`The checkpoint folder ${folder} cannot be read (${messageOf(error)}). Check its path.`);
  });
  const weights = chooseWeights(folder, files);
  const file = path.join(folder, weights);
  const tensors = weights === SHARDED ? await readShardedHeader(file) : await readSafetensorsHeader(file);
  const stored = new StoredParameters(tensors, folder);
  const description = isHuggingFace(tensors.keys())
    ? await readHuggingFace(folder, files, stored)
    : { ...(await readOpenClip(folder, files, tensors)), parameters: stored };
  return {
    folder,
    ...description,
    assertAllTaken: () => {
      stored.assertAllTaken();
    },
    weightFiles: [...new Set([...tensors.values()].map((tensor) => tensor.file))].sort(),
  };
}

async function readHuggingFace(
  folder: string,
  files: readonly string[],
  stored: Parameters,
): Promise<Pick<Checkpoint, 'architecture' | 'preprocessing' | 'parameters'>> {
  if (!files.includes(HUGGING_FACE_CONFIG)) {
    throw new UserError(
      `The checkpoint in ${folder} has no ${HUGGING_FACE_CONFIG}, which contains the number of heads of its encoders. Download the file from the source of the weights.`,
    );
  }
  const configFile = path.join(folder, HUGGING_FACE_CONFIG);
  const json = await readJson(configFile);
  const { format } = huggingFaceFamily(json, configFile);
  const architecture = format.parseArchitecture(json, configFile);
  const preprocessing = files.includes(PREPROCESSOR_CONFIG)
    ? await readPreprocessing(path.join(folder, PREPROCESSOR_CONFIG), architecture)
    : format.defaultPreprocessing;
  if (!preprocessing) {
    throw new UserError(
      `The checkpoint in ${folder} has no ${PREPROCESSOR_CONFIG}, which describes the pre-processing of images. Download the file from the source of the weights.`,
    );
  }
  return { architecture, preprocessing, parameters: format.renameParameters(stored) };
}

async function readPreprocessing(file: string, { imageSize }: Architecture): Promise<Preprocessing> {
  return parseHuggingFacePreprocessing(await readJson(file), file, imageSize);
}

async function readOpenClip(
  folder: string,
  files: readonly string[],
  tensors: ReadonlyMap<string, StoredTensor>,
): Promise<Pick<Checkpoint, 'architecture' | 'preprocessing'>> {
  if (!files.includes(OPEN_CLIP_CONFIG)) {
    return { architecture: inferArchitecture(tensors, folder), preprocessing: openaiPreprocessing };
  }
  const file = path.join(folder, OPEN_CLIP_CONFIG);
  const json = await readJson(file);
  return {
    architecture: parseOpenClipArchitecture(json, file),
    preprocessing: parseOpenClipPreprocessing(json, file),
  };
}

/** The file that contains the weights, or the names of the files that do. */
function chooseWeights(folder: string, files: readonly string[]): string {
  const preferred = ['open_clip_model.safetensors', SHARDED, 'model.safetensors'].find((name) => files.includes(name));
  if (preferred !== undefined) return preferred;
  const [first, second] = files.filter((name) => name.endsWith('.safetensors')).sort();
  if (first !== undefined && second === undefined) return first;
  if (first !== undefined) {
    throw new UserError(
      `${folder} contains several .safetensors files and no ${SHARDED} that lists the files of the model. ` +
        'Rename the file with the weights to model.safetensors.',
    );
  }
  const pickle = files.find((name) => pickled.test(name));
  if (pickle !== undefined) {
    throw new UserError(
      `${folder} contains its weights only as a Python pickle (${pickle}). AssetLens does not open pickles because they can run code. ` +
        'Convert the file to model.safetensors in Python: safetensors.torch.save_file(torch.load(file, weights_only=True), "model.safetensors"), ' +
        'or from_pretrained(folder) and save_pretrained(folder) of transformers.',
    );
  }
  throw new UserError(`${folder} contains no .safetensors file. Specify the folder of a CLIP checkpoint.`);
}

/** Size of all weight files of a checkpoint, in bytes. */
export async function checkpointBytes({ weightFiles }: Checkpoint): Promise<number> {
  let sum = 0;
  for (const file of weightFiles) sum += (await stat(file)).size;
  return sum;
}
