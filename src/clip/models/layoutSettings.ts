import path from 'node:path';
import { z } from 'zod';
import { HumanError } from '../../humanError.ts';
import {
  huggingFaceImageSize,
  openaiPreprocessing,
  parseHuggingFacePreprocessing,
  parseOpenClipPreprocessing,
  type Preprocessing,
} from '../checkpoint/preprocessing.ts';
import { readJson } from '../checkpoint/readJson.ts';
import type { GraphLayout } from './layouts.ts';

/** What the files of a layout say of its encoders; null where they leave it to the graphs. */
export interface LayoutSettings {
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
  vision_cfg: z.object({ image_size: z.int().positive().default(224) }),
  text_cfg: z.object({
    context_length: z.int().min(3).default(CONTEXT_LENGTH),
    vocab_size: z.int().positive().default(49408),
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
 * @throws HumanError where a file is damaged, or describes another kind of model
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
        throw new HumanError('The model has no visual/preprocess_cfg.json or config.json, as Immich lays them out. Use another repository.');
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
    throw new HumanError(
      'The model has no preprocessor_config.json, which says how its images are prepared. Use another repository.',
    );
  }
  const json = await readJson(preprocessingFile);
  const config = configFile === null ? null : parse(transformersConfig, await readJson(configFile), configFile);
  if (config && config.model_type !== 'clip') {
    throw new HumanError(
      `${configFile ?? ''} describes a model of type "${config.model_type}". Only CLIP models ("clip") can be used.`,
    );
  }
  const imageSize = graphSize ?? config?.vision_config.image_size ?? huggingFaceImageSize(json, preprocessingFile);
  return {
    imageSize,
    contextLength: config?.text_config.max_position_embeddings ?? null,
    embeddingSize: config?.projection_dim ?? null,
    vocabularySize: config?.text_config.vocab_size ?? null,
    preprocessing: parseHuggingFacePreprocessing(json, preprocessingFile, imageSize),
  };
}

async function immichSettings(preprocessingFile: string, configFile: string): Promise<LayoutSettings> {
  const json = await readJson(preprocessingFile);
  const { size } = parse(preprocessSides, json, preprocessingFile);
  const [height, width] = typeof size === 'number' ? [size, size] : (size ?? [null, null]);
  const config = parse(openClipModel, await readJson(configFile), configFile);
  if (height !== width || (height ?? config.vision_cfg.image_size) !== config.vision_cfg.image_size) {
    throw new HumanError(
      `${preprocessingFile} scales images to ${String(height)} × ${String(width)}, and ${configFile} says ${config.vision_cfg.image_size}. Use another repository.`,
    );
  }
  return {
    ...sizesOf(config),
    preprocessing: parseOpenClipPreprocessing({ preprocess_cfg: json }, preprocessingFile),
  };
}

/** Without a file: as openai/CLIP prepares images and texts, which rclip takes for granted. */
async function openClipSettings(configFile: string | null, graphLength: number | null): Promise<LayoutSettings> {
  if (configFile === null) {
    return {
      imageSize: null,
      contextLength: graphLength ?? CONTEXT_LENGTH,
      embeddingSize: null,
      vocabularySize: null,
      preprocessing: openaiPreprocessing,
    };
  }
  const json = await readJson(configFile);
  const { model_cfg: config } = parse(openClipConfig, json, configFile);
  return { ...sizesOf(config), preprocessing: parseOpenClipPreprocessing(json, configFile) };
}

function sizesOf({ embed_dim, vision_cfg, text_cfg }: z.infer<typeof openClipModel>) {
  return {
    imageSize: vision_cfg.image_size,
    contextLength: text_cfg.context_length,
    embeddingSize: embed_dim,
    vocabularySize: text_cfg.vocab_size,
  };
}

function parse<T>(schema: z.ZodType<T>, json: unknown, file: string): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new HumanError(`${file} does not describe a CLIP model:\n${z.prettifyError(parsed.error)}\nUse another repository.`);
}
