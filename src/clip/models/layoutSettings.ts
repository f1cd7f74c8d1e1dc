import path from 'node:path';
import * as z from 'zod';
import { schemaProblems } from '../../base/schemaProblems.ts';
import { UserError } from '../../base/userError.ts';
import { readJson } from '../base/readJson.ts';
import {
  defaultFamily,
  huggingFaceFamily,
  huggingFaceImageSize,
  type ModelFamily,
  type ModelSizes,
  openaiPreprocessing,
  openClipFamily,
  parseHuggingFacePreprocessing,
  parseOpenClipPreprocessing,
  type Preprocessing,
} from '../families/index.ts';
import type { GraphLayout } from './layouts.ts';

/** Everything that the files of a layout contain about its encoders. */
export interface LayoutSettings extends ModelSizes {
  readonly family: ModelFamily;
  readonly preprocessing: Preprocessing;
}

/** Sizes of the graphs; null where they leave them open. */
interface GraphSizes {
  /** Pixels a side. */
  readonly imageSize: number | null;
  /** Tokens of a text. */
  readonly contextLength: number | null;
}

type FamilyAndSizes = Omit<LayoutSettings, 'preprocessing'>;

/** The context length of the paper, which the tokenizer of openai/CLIP uses for all models. */
const CONTEXT_LENGTH = 77;

const openClipConfig = z.object({ model_cfg: z.unknown() });
const preprocessSides = z.object({
  size: z.union([z.int().positive(), z.tuple([z.int().positive(), z.int().positive()])]).optional(),
});

const unknownSizes: FamilyAndSizes = {
  family: defaultFamily,
  imageSize: null,
  contextLength: null,
  embeddingSize: null,
  vocabularySize: null,
};

/**
 * Reads the files beside the graphs of a layout.
 * @param root folder that the names of the layout refer to
 * @throws UserError where a file is damaged, or describes another kind of model
 */
export async function readLayoutSettings(
  layout: GraphLayout,
  root: string,
  graphs: GraphSizes,
): Promise<LayoutSettings> {
  const { kind, preprocessing, config } = layout;
  const fileOf = (name: string): string => path.join(root, ...name.split('/'));
  switch (kind) {
    case 'transformers.js':
      return readTransformersSettings(
        preprocessing === null ? null : fileOf(preprocessing),
        config === null ? null : fileOf(config),
        graphs,
      );
    case 'immich': {
      if (preprocessing === null || config === null) {
        throw new UserError(
          'The model has no visual/preprocess_cfg.json or config.json, which the layout of Immich requires. Use another repository.',
        );
      }
      return readImmichSettings(fileOf(preprocessing), fileOf(config));
    }
    case 'open_clip':
      return readOpenClipSettings(config === null ? null : fileOf(config), graphs);
  }
}

async function readTransformersSettings(
  preprocessingFile: string | null,
  configFile: string | null,
  graphs: GraphSizes,
): Promise<LayoutSettings> {
  if (preprocessingFile === null) {
    throw new UserError(
      'The model has no preprocessor_config.json, which describes the pre-processing of images. Use another repository.',
    );
  }
  const json = await readJson(preprocessingFile);
  const sizes = configFile === null ? unknownSizes : await readTransformersSizes(configFile);
  const imageSize = graphs.imageSize ?? sizes.imageSize ?? huggingFaceImageSize(json, preprocessingFile);
  return { ...sizes, imageSize, preprocessing: parseHuggingFacePreprocessing(json, preprocessingFile, imageSize) };
}

async function readTransformersSizes(file: string): Promise<FamilyAndSizes> {
  const json = await readJson(file);
  const { family, format } = huggingFaceFamily(json, file);
  return { family, ...format.parseSizes(json, file) };
}

async function readImmichSettings(preprocessingFile: string, configFile: string): Promise<LayoutSettings> {
  const json = await readJson(preprocessingFile);
  const { size } = parse(preprocessSides, json, preprocessingFile);
  const [height, width] = typeof size === 'number' ? [size, size] : (size ?? [null, null]);
  const sizes = openClipSizes(await readJson(configFile), configFile);
  if (height !== width || (height ?? sizes.imageSize) !== sizes.imageSize) {
    throw new UserError(
      `${preprocessingFile} scales images to ${String(height)} × ${String(width)}, but the image size in ${configFile} is ${String(sizes.imageSize)}. Use another repository.`,
    );
  }
  return { ...sizes, preprocessing: parseOpenClipPreprocessing({ preprocess_cfg: json }, preprocessingFile) };
}

/** Without a configuration, as in rclip's repository, images and texts are prepared as in openai/CLIP. */
async function readOpenClipSettings(configFile: string | null, graphs: GraphSizes): Promise<LayoutSettings> {
  if (configFile === null) {
    const contextLength = graphs.contextLength ?? CONTEXT_LENGTH;
    return { ...unknownSizes, contextLength, preprocessing: openaiPreprocessing };
  }
  const json = await readJson(configFile);
  const { model_cfg: modelConfig } = parse(openClipConfig, json, configFile);
  return { ...openClipSizes(modelConfig, configFile), preprocessing: parseOpenClipPreprocessing(json, configFile) };
}

function openClipSizes(modelConfig: unknown, file: string): FamilyAndSizes {
  const family = openClipFamily(modelConfig);
  return { family, ...family.openClip.parseSizes(modelConfig, file) };
}

function parse<T>(schema: z.ZodType<T>, json: unknown, file: string): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new UserError([
    `${file} does not describe a CLIP model:`,
    ...schemaProblems(parsed.error),
    'Use another repository.',
  ]);
}
