/** The model families, and the entry point to them. */
import * as z from 'zod';
import { UserError } from '../../base/userError.ts';
import * as all from './all.ts';
import * as preprocessing from './definition/preprocessing.ts';
import {
  type Architecture,
  type HuggingFaceFormat,
  type ModelFamily,
  NotRecognised,
  type TensorShapes,
  type ThirdPartyDense,
} from './definition/family.ts';

export { encoderGraphs } from './encoderGraphs.ts';
export { openaiPreprocessing, parseOpenClipPreprocessing, type Preprocessing } from './definition/preprocessing.ts';
export { isHuggingFace } from './definition/huggingFaceParameters.ts';
export {
  NotRecognised,
  THIRD_PARTY_PREFIX,
  type Architecture,
  type DenseGraphs,
  type ModelFamily,
  type ModelSizes,
  type Score,
  type TensorShapes,
  type ThirdPartyDense,
  type ThirdPartyGraphs,
  type TokenSettings,
} from './definition/family.ts';
export type { PixelStatistics } from './layers/layers.ts';
export type { Parameter, Parameters } from './layers/parameters.ts';

const families: readonly ModelFamily[] = Object.values(all);

/** The family of files that do not name their family. */
export const defaultFamily: ModelFamily = all.clip;

const huggingFaceConfig = z.object({ model_type: z.string().optional() });

/**
 * The family that a config.json of transformers describes.
 * @throws UserError where the model is of no known family
 */
export function huggingFaceFamily(
  json: unknown,
  file: string,
): { readonly family: ModelFamily; readonly format: HuggingFaceFormat } {
  const modelType = huggingFaceConfig.safeParse(json).data?.model_type ?? defaultFamily.huggingFace?.modelType;
  const known = families.flatMap((family) => (family.huggingFace ? [{ family, format: family.huggingFace }] : []));
  const found = known.find(({ format }) => format.modelType === modelType);
  if (found) return found;
  const supported = known.map(({ format }) => `${format.description} ("${format.modelType}")`);
  throw new UserError(
    `${file} describes a model of type "${String(modelType)}". Only ${supported.join(' and ')} can be used.`,
  );
}

const openClipConfig = z.object({ model_cfg: z.unknown() });

/**
 * The architecture that an open_clip_config.json describes.
 * @throws UserError where it cannot be built
 */
export function parseOpenClipArchitecture(json: unknown, file: string): Architecture {
  const modelConfig = openClipConfig.safeParse(json).data?.model_cfg;
  return openClipFamily(modelConfig).openClip.parseArchitecture(json, file);
}

/** @param modelConfig `model_cfg` of an open_clip_config.json */
export function openClipFamily(modelConfig: unknown): ModelFamily {
  const others = families.filter((family) => family !== defaultFamily);
  return others.find(({ openClip }) => openClip.recognises(modelConfig)) ?? defaultFamily;
}

/**
 * The architecture of a checkpoint without a configuration file.
 * @throws UserError where the tensors do not determine it
 */
export function inferArchitecture(tensors: TensorShapes, folder: string): Architecture {
  for (const family of families) {
    const architecture = family.inferArchitecture?.(tensors, folder);
    if (architecture) return architecture;
  }
  throw new UserError(
    `The architecture of the checkpoint in ${folder} is unknown: it has neither a config.json nor an open_clip_config.json, ` +
      'and its tensors have the names of no known model family. Add the configuration file that was published with the checkpoint.',
  );
}

/**
 * The pre-processing that a preprocessor_config.json of transformers describes.
 * @param imageSize pixels a side that the image encoder takes
 * @throws UserError where it is not supported
 */
export function parseHuggingFacePreprocessing(
  json: unknown,
  file: string,
  imageSize: number,
): preprocessing.Preprocessing {
  return preprocessing.parseHuggingFacePreprocessing(json, file, imageSize, cropsByDefault);
}

/** Pixels a side of the images that a preprocessor_config.json of transformers describes. */
export function huggingFaceImageSize(json: unknown, file: string): number {
  return preprocessing.huggingFaceImageSize(json, file, cropsByDefault);
}

function cropsByDefault(imageProcessor: string): boolean {
  const formats = families.flatMap(({ huggingFace }) => huggingFace ?? []);
  return (
    formats.find((format) => imageProcessor.startsWith(format.imageProcessor.prefix))?.imageProcessor.crops ?? true
  );
}

/**
 * Recognises an image encoder in a third-party graph, whatever its family.
 * @throws NotRecognised with the reason of the last family that was tried
 */
export async function readThirdPartyDense(file: string, output: string, imageSize: number): Promise<ThirdPartyDense> {
  let reason = new NotRecognised('no model family has a dense branch for it');
  for (const { thirdParty } of families) {
    try {
      const dense = await thirdParty?.readDense?.(file, output, imageSize);
      if (dense) return dense;
    } catch (error) {
      if (!(error instanceof NotRecognised)) throw error;
      reason = error;
    }
  }
  throw reason;
}
