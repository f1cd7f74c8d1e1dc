import * as z from 'zod';
import { schemaProblems } from '../../../base/schemaProblems.ts';
import { UserError } from '../../../base/userError.ts';
import type { HuggingFaceNames } from '../definition/huggingFaceParameters.ts';
import type { Activation } from '../layers/layers.ts';
import type { SiglipConfig } from './architecture.ts';

const activations: Readonly<Record<string, Activation>> = {
  gelu_pytorch_tanh: 'geluTanh',
  gelu: 'gelu',
  quick_gelu: 'quickGelu',
};

/** transformers omits values that equal its defaults, which are those of SigLIP B/16 with 224 pixels. */
const common = {
  hidden_size: z.int().positive().default(768),
  intermediate_size: z.int().positive().default(3072),
  num_hidden_layers: z.int().positive().default(12),
  num_attention_heads: z.int().positive().default(12),
  hidden_act: z.enum(Object.keys(activations)).default('gelu_pytorch_tanh'),
  layer_norm_eps: z.number().positive().default(1e-6),
};
const configSchema = z.object({
  vision_config: z
    .object({
      ...common,
      image_size: z.int().positive().default(224),
      patch_size: z.int().positive().default(16),
      vision_use_head: z.literal(true, 'without its head an encoder has no embedding').default(true),
    })
    .prefault({}),
  text_config: z
    .object({
      ...common,
      vocab_size: z.int().positive().default(32_000),
      max_position_embeddings: z.int().min(3).default(64),
      projection_size: z.int().positive().nullish(),
    })
    .prefault({}),
});

/** Names of transformers' SiglipModel. */
export const huggingFaceNames: HuggingFaceNames = {
  names: {
    logit_bias: 'logit_bias',
    'visual.conv1.bias': 'vision_model.embeddings.patch_embedding.bias',
    'visual.pool.probe': 'vision_model.head.probe',
    'visual.pool.attn.in_proj_weight': 'vision_model.head.attention.in_proj_weight',
    'visual.pool.attn.in_proj_bias': 'vision_model.head.attention.in_proj_bias',
    'visual.pool.attn.out_proj.weight': 'vision_model.head.attention.out_proj.weight',
    'visual.pool.attn.out_proj.bias': 'vision_model.head.attention.out_proj.bias',
    'visual.pool.ln_2.weight': 'vision_model.head.layernorm.weight',
    'visual.pool.ln_2.bias': 'vision_model.head.layernorm.bias',
    'visual.pool.mlp.c_fc.weight': 'vision_model.head.mlp.fc1.weight',
    'visual.pool.mlp.c_fc.bias': 'vision_model.head.mlp.fc1.bias',
    'visual.pool.mlp.c_proj.weight': 'vision_model.head.mlp.fc2.weight',
    'visual.pool.mlp.c_proj.bias': 'vision_model.head.mlp.fc2.bias',
    'text_head.weight': 'text_model.head.weight',
    'text_head.bias': 'text_model.head.bias',
  },
};

/**
 * The architecture that a config.json of transformers describes. Its model_type is "siglip" for SigLIP, and for SigLIP
 * 2 with images of one size; "siglip2" means images of any shape.
 * @throws UserError where it is not supported
 */
export function parseHuggingFaceConfig(json: unknown, file: string): SiglipConfig {
  const parsed = configSchema.safeParse(json);
  if (!parsed.success) {
    throw new UserError([
      `${file} does not describe a SigLIP architecture that can be used:`,
      ...schemaProblems(parsed.error),
      'Use another model.',
    ]);
  }
  const { vision_config: vision, text_config: text } = parsed.data;
  const embeddingSize = vision.hidden_size;
  if ((text.projection_size ?? text.hidden_size) !== embeddingSize) {
    throw new UserError(
      `${file} is damaged: image embeddings have ${embeddingSize} values, text embeddings have ${text.projection_size ?? text.hidden_size}. Download it again.`,
    );
  }
  return {
    kind: 'siglip',
    vision: {
      kind: 'siglipTransformer',
      imageSize: vision.image_size,
      patchSize: vision.patch_size,
      ...shapeOf(vision),
      embeddingSize,
    },
    text: {
      contextLength: text.max_position_embeddings,
      vocabularySize: text.vocab_size,
      ...shapeOf(text),
      embeddingSize,
    },
  };
}

function shapeOf(config: z.infer<z.ZodObject<typeof common>>) {
  return {
    width: config.hidden_size,
    layers: config.num_hidden_layers,
    heads: config.num_attention_heads,
    mlpWidth: config.intermediate_size,
    activation: activations[config.hidden_act] ?? 'geluTanh',
    layerNormEpsilon: config.layer_norm_eps,
  };
}
