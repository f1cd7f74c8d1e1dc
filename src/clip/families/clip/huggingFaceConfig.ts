import { z } from 'zod';
import type { ClipConfig, ModelConfig } from './clip.ts';
import { UserError } from '../../../base/userError.ts';
import type { ClipActivation } from '../layers/layers.ts';
import { parseSiglipConfig, SIGLIP } from '../siglip/siglipConfig.ts';

/** transformers leaves out what equals its defaults, which are those of CLIP ViT-B/32. */
const activation = z.enum(['quick_gelu', 'gelu']);
const visionSchema = z.object({
  hidden_size: z.int().positive().default(768),
  intermediate_size: z.int().positive().default(3072),
  num_hidden_layers: z.int().positive().default(12),
  num_attention_heads: z.int().positive().default(12),
  image_size: z.int().positive().default(224),
  patch_size: z.int().positive().default(32),
  hidden_act: activation.default('quick_gelu'),
  layer_norm_eps: z.number().positive().default(1e-5),
});
const textSchema = z.object({
  vocab_size: z.int().positive().default(49408),
  hidden_size: z.int().positive().default(512),
  intermediate_size: z.int().positive().default(2048),
  num_hidden_layers: z.int().positive().default(12),
  num_attention_heads: z.int().positive().default(8),
  max_position_embeddings: z.int().positive().default(77),
  hidden_act: activation.default('quick_gelu'),
  layer_norm_eps: z.number().positive().default(1e-5),
});
const sub = z.record(z.string(), z.unknown()).nullish();
const configSchema = z.object({
  model_type: z.string().default('clip'),
  projection_dim: z.int().positive().default(512),
  vision_config: sub,
  text_config: sub,
  // Older exports say in these what they change of the former.
  vision_config_dict: sub,
  text_config_dict: sub,
});

/**
 * The architecture that a config.json of transformers describes.
 * @throws UserError where it is not that of a CLIP or SigLIP model.
 */
export function parseHuggingFaceConfig(json: unknown, file: string): ModelConfig {
  const { data } = configSchema.pick({ model_type: true }).safeParse(json);
  if (data?.model_type === SIGLIP) return parseSiglipConfig(json, file);
  if (data && data.model_type !== 'clip') {
    throw new UserError(
      `${file} describes a model of type "${data.model_type}". Only checkpoints of CLIP ("clip") and of SigLIP with images of one size ("${SIGLIP}") can be converted.`,
    );
  }
  return parseClipConfig(json, file);
}

function parseClipConfig(json: unknown, file: string): ClipConfig {
  const parse = <T>(schema: z.ZodType<T>, part: unknown): T => {
    const result = schema.safeParse(part);
    if (result.success) return result.data;
    throw new UserError(
      `${file} does not describe a CLIP architecture that can be converted:\n${z.prettifyError(result.error)}`,
    );
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
