import * as z from 'zod';
import { schemaProblems } from '../../../base/schemaProblems.ts';
import { UserError } from '../../../base/userError.ts';
import type { HuggingFaceNames } from '../definition/huggingFaceParameters.ts';
import type { ModelSizes } from '../definition/family.ts';
import type { ClipActivation } from '../layers/layers.ts';
import type { ClipConfig } from './architecture.ts';

/** transformers omits values that equal its defaults, which are those of CLIP ViT-B/32. */
const DEFAULT_EMBEDDING_SIZE = 512;
const imageSize = z.int().positive().default(224);
const vocabularySize = z.int().positive().default(49408);
const activation = z.enum(['quick_gelu', 'gelu']);
const visionSchema = z.object({
  hidden_size: z.int().positive().default(768),
  intermediate_size: z.int().positive().default(3072),
  num_hidden_layers: z.int().positive().default(12),
  num_attention_heads: z.int().positive().default(12),
  image_size: imageSize,
  patch_size: z.int().positive().default(32),
  hidden_act: activation.default('quick_gelu'),
  layer_norm_eps: z.number().positive().default(1e-5),
});
const textSchema = z.object({
  vocab_size: vocabularySize,
  hidden_size: z.int().positive().default(512),
  intermediate_size: z.int().positive().default(2048),
  num_hidden_layers: z.int().positive().default(12),
  num_attention_heads: z.int().positive().default(8),
  max_position_embeddings: z.int().positive().default(77),
  hidden_act: activation.default('quick_gelu'),
  layer_norm_eps: z.number().positive().default(1e-5),
});
const section = z.record(z.string(), z.unknown()).nullish();
const configSchema = z.object({
  model_type: z.string().default('clip'),
  projection_dim: z.int().positive().default(DEFAULT_EMBEDDING_SIZE),
  vision_config: section,
  text_config: section,
  // Older exports override values of the former sections in these.
  vision_config_dict: section,
  text_config_dict: section,
});

const sizesSchema = z.object({
  model_type: z.string().default('clip'),
  projection_dim: z.int().positive().default(DEFAULT_EMBEDDING_SIZE),
  vision_config: z.object({ image_size: imageSize }).prefault({}),
  text_config: z
    .object({ max_position_embeddings: z.int().min(3).default(77), vocab_size: vocabularySize })
    .prefault({}),
});

/** Names of transformers' CLIPModel. */
export const huggingFaceNames: HuggingFaceNames = {
  names: {
    'visual.class_embedding': 'vision_model.embeddings.class_embedding',
    // "layrnorm" is the spelling of transformers.
    'visual.ln_pre.weight': 'vision_model.pre_layrnorm.weight',
    'visual.ln_pre.bias': 'vision_model.pre_layrnorm.bias',
  },
  projections: {
    'visual.proj': 'visual_projection.weight',
    text_projection: 'text_projection.weight',
  },
};

/**
 * The architecture that a config.json of transformers describes.
 * @throws UserError where it cannot be built
 */
export function parseHuggingFaceConfig(json: unknown, file: string): ClipConfig {
  const parse = <T>(schema: z.ZodType<T>, part: unknown): T => {
    const result = schema.safeParse(part);
    if (result.success) return result.data;
    throw new UserError([
      `${file} does not describe a CLIP architecture that can be converted:`,
      ...schemaProblems(result.error),
    ]);
  };
  const config = parse(configSchema, json);
  const vision = parse(visionSchema, { ...config.vision_config, ...config.vision_config_dict });
  const text = parse(textSchema, { ...config.text_config, ...config.text_config_dict });
  return {
    vision: {
      kind: 'visionTransformer',
      imageSize: vision.image_size,
      patchSize: vision.patch_size,
      ...transformerShape(vision),
      embeddingSize: config.projection_dim,
    },
    text: {
      contextLength: text.max_position_embeddings,
      vocabularySize: text.vocab_size,
      ...transformerShape(text),
      embeddingSize: config.projection_dim,
    },
  };
}

/**
 * The sizes in a config.json of transformers.
 * @throws UserError where the file is damaged
 */
export function parseHuggingFaceSizes(json: unknown, file: string): ModelSizes {
  const parsed = sizesSchema.safeParse(json);
  if (!parsed.success) {
    throw new UserError([
      `${file} does not describe a CLIP model:`,
      ...schemaProblems(parsed.error),
      'Use another repository.',
    ]);
  }
  const { projection_dim: embeddingSize, vision_config: vision, text_config: text } = parsed.data;
  return {
    imageSize: vision.image_size,
    contextLength: text.max_position_embeddings,
    embeddingSize,
    vocabularySize: text.vocab_size,
  };
}

function transformerShape(config: z.infer<typeof visionSchema> | z.infer<typeof textSchema>) {
  const kind: ClipActivation = config.hidden_act === 'gelu' ? 'gelu' : 'quickGelu';
  return {
    width: config.hidden_size,
    layers: config.num_hidden_layers,
    heads: config.num_attention_heads,
    mlpWidth: config.intermediate_size,
    activation: kind,
    layerNormEpsilon: config.layer_norm_eps,
  };
}
