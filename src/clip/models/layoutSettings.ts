import path from 'node:path';
import { z } from 'zod';
import { UserError } from '../../base/userError.ts';
import {
  huggingFaceImageSize,
  openaiPreprocessing,
  parseHuggingFacePreprocessing,
  parseOpenClipPreprocessing,
  type Preprocessing,
} from '../checkpoint/preprocessing.ts';
import { readJson } from '../checkpoint/readJson.ts';
import { parseSiglipConfig, SIGLIP } from '../families/siglip/siglipConfig.ts';
import type { GraphLayout } from './layouts.ts';

/** What the files of a layout say of its encoders; null where they leave it to the graphs. */
export interface LayoutSettings {
  readonly family: 'clip' | 'siglip';
  readonly imageSize: number | null;
  readonly contextLength: number | null;
  readonly embeddingSize: number | null;
  readonly vocabularySize: number | null;
  readonly preprocessing: Preprocessing;
}

/** The paper's, and what openai/CLIP's tokenizer makes of any text. */
const CONTEXT_LENGTH = 77;

/** transformers leaves out what equals its defaults, those of ViT-B/32. */
const transformersConfig = z.object({
  model_type: z.string().default('clip'),
  projection_dim: z.int().positive().default(512),
  vision_config: z.object({ image_size: z.int().positive().default(224) }).prefault({}),
  text_config: z
    .object({
      max_position_embeddings: z.int().min(3).default(CONTEXT_LENGTH),
      vocab_size: z.int().positive().default(49408),
    })
    .prefault({}),
});

const openClipModel = z.object({
  embed_dim: z.int().positive(),
  /** Of those trained as SigLIP was. */
  init_logit_bias: z.number().nullish(),
  vision_cfg: z.object({ image_size: z.int().positive().default(224) }),
  text_cfg: z.object({
    context_length: z.int().min(3).default(CONTEXT_LENGTH),
    vocab_size: z.int().positive().default(49408),
    no_causal_mask: z.boolean().default(false),
  }),
});
const openClipConfig = z.object({ model_cfg: openClipModel });
const preprocessSides = z.object({
  size: z.union([z.int().positive(), z.tuple([z.int().positive(), z.int().positive()])]).optional(),
});

/**
 * Reads what goes with the graphs of a layout.
 * @param root folder in which the names of the layout count
 * @param graphs pixels a side and tokens a text that the graphs take; null where they leave them open
 * @throws UserError where a file is damaged, or describes another kind of model
 */
export async function readLayoutSettings(
  layout: GraphLayout,
  root: string,
  graphs: { readonly size: number | null; readonly length: number | null },
): Promise<LayoutSettings> {
  const { kind, preprocessing, config } = layout;
  const fileOf = (name: string): string => path.join(root, ...name.split('/'));
  switch (kind) {
    case 'transformers.js':
      return transformersSettings(
        preprocessing === null ? null : fileOf(preprocessing),
        config === null ? null : fileOf(config),
        graphs.size,
      );
    case 'immich': {
      if (preprocessing === null || config === null) {
        throw new UserError('The model has no visual/preprocess_cfg.json or config.json, as Immich lays them out. Use another repository.');
      }
      return immichSettings(fileOf(preprocessing), fileOf(config));
    }
    case 'open_clip':
      return openClipSettings(config === null ? null : fileOf(config), graphs.length);
  }
}

async function transformersSettings(
  preprocessingFile: string | null,
  configFile: string | null,
  graphSize: number | null,
): Promise<LayoutSettings> {
  if (preprocessingFile === null) {
    throw new UserError(
      'The model has no preprocessor_config.json, which says how its images are prepared. Use another repository.',
    );
  }
  const json = await readJson(preprocessingFile);
  const config = configFile === null ? clipDefaults : await readTransformersConfig(configFile);
  const imageSize = graphSize ?? config.imageSize ?? huggingFaceImageSize(json, preprocessingFile);
  return { ...config, imageSize, preprocessing: parseHuggingFacePreprocessing(json, preprocessingFile, imageSize) };
}

type Sizes = Omit<LayoutSettings, 'preprocessing'>;

const clipDefaults: Sizes = {
  family: 'clip',
  imageSize: null,
  contextLength: null,
  embeddingSize: null,
  vocabularySize: null,
};

async function readTransformersConfig(file: string): Promise<Sizes> {
  const json = await readJson(file);
  const { data } = transformersConfig.pick({ model_type: true }).safeParse(json);
  if (data?.model_type === SIGLIP) {
    const { vision, text } = parseSiglipConfig(json, file);
    const { contextLength, vocabularySize, embeddingSize } = text;
    return { family: 'siglip', imageSize: vision.imageSize, contextLength, embeddingSize, vocabularySize };
  }
  if (data && data.model_type !== 'clip') {
    throw new UserError(
      `${file} describes a model of type "${data.model_type}". Only CLIP ("clip") and SigLIP with images of one size ("${SIGLIP}") can be used.`,
    );
  }
  const config = parse(transformersConfig, json, file);
  return {
    family: 'clip',
    imageSize: config.vision_config.image_size,
    contextLength: config.text_config.max_position_embeddings,
    embeddingSize: config.projection_dim,
    vocabularySize: config.text_config.vocab_size,
  };
}

async function immichSettings(preprocessingFile: string, configFile: string): Promise<LayoutSettings> {
  const json = await readJson(preprocessingFile);
  const { size } = parse(preprocessSides, json, preprocessingFile);
  const [height, width] = typeof size === 'number' ? [size, size] : (size ?? [null, null]);
  const config = parse(openClipModel, await readJson(configFile), configFile);
  if (height !== width || (height ?? config.vision_cfg.image_size) !== config.vision_cfg.image_size) {
    throw new UserError(
      `${preprocessingFile} scales images to ${String(height)} × ${String(width)}, and ${configFile} says ${config.vision_cfg.image_size}. Use another repository.`,
    );
  }
  return {
    ...sizesOf(config, configFile),
    preprocessing: parseOpenClipPreprocessing({ preprocess_cfg: json }, preprocessingFile),
  };
}

/** Without a file: as openai/CLIP prepares images and texts, which rclip takes for granted. */
async function openClipSettings(configFile: string | null, graphLength: number | null): Promise<LayoutSettings> {
  if (configFile === null) {
    return { ...clipDefaults, contextLength: graphLength ?? CONTEXT_LENGTH, preprocessing: openaiPreprocessing };
  }
  const json = await readJson(configFile);
  const { model_cfg: config } = parse(openClipConfig, json, configFile);
  return { ...sizesOf(config, configFile), preprocessing: parseOpenClipPreprocessing(json, configFile) };
}

/** @throws UserError where the graphs are a SigLIP's, whose texts are prepared in another way, which these files do not say */
function sizesOf({ embed_dim, init_logit_bias: bias, vision_cfg, text_cfg }: z.infer<typeof openClipModel>, file: string): Sizes {
  if ((bias !== undefined && bias !== null) || text_cfg.no_causal_mask) {
    throw new UserError(
      `${file} describes a SigLIP, which can be used as a checkpoint of transformers or as the graphs of transformers.js, but not as it is laid out here. "assetlens models list" names one.`,
    );
  }
  return {
    family: 'clip',
    imageSize: vision_cfg.image_size,
    contextLength: text_cfg.context_length,
    embeddingSize: embed_dim,
    vocabularySize: text_cfg.vocab_size,
  };
}

function parse<T>(schema: z.ZodType<T>, json: unknown, file: string): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new UserError(`${file} does not describe a CLIP model:\n${z.prettifyError(parsed.error)}\nUse another repository.`);
}
