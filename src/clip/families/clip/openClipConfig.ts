import * as z from 'zod';
import { schemaProblems } from '../../../base/schemaProblems.ts';
import { UserError } from '../../../base/userError.ts';
import type { ModelSizes } from '../definition/family.ts';
import { off, openClipText, openClipTextSizes, openClipTextTransformer } from '../definition/openClipText.ts';
import type { ClipConfig, VisionConfig } from './architecture.ts';
import { DOWNSAMPLING } from './modifiedResNet.ts';

const LAYER_NORM_EPSILON = 1e-5;
const DEFAULT_PATCH_SIZE = 16;

const imageSize = z.int().positive().default(224);

/** The defaults of open_clip. Strict, because an unknown option may change what the encoder computes. */
const visionSchema = z.strictObject({
  image_size: imageSize,
  layers: z
    .union([
      z.int().positive(),
      z.tuple([z.int().positive(), z.int().positive(), z.int().positive(), z.int().positive()]),
    ])
    .default(12),
  width: z.int().positive().default(768),
  head_width: z.int().positive().default(64),
  mlp_ratio: z.number().positive().default(4),
  /** Null for a ModifiedResNet. */
  patch_size: z.int().positive().nullable().default(DEFAULT_PATCH_SIZE),
  /** Used in training only. */
  patch_dropout: z.number().optional(),
  pool_type: z.literal('tok').optional(),
  attentional_pool: off,
  final_ln_after_pool: off,
  global_average_pool: off,
  ls_init_value: off,
  no_ln_pre: off,
  output_tokens: off,
});
const configSchema = z.object({
  model_cfg: z.strictObject({
    embed_dim: z.int().positive(),
    quick_gelu: z.boolean().default(false),
    vision_cfg: visionSchema,
    text_cfg: openClipText,
  }),
});

const sizesSchema = z.object({
  embed_dim: z.int().positive(),
  vision_cfg: z.object({ image_size: imageSize }),
  text_cfg: openClipTextSizes,
});

/**
 * The architecture that an open_clip_config.json describes.
 * @throws UserError with the options that are not supported, where it is not an architecture of the paper
 */
export function parseOpenClipConfig(json: unknown, file: string): ClipConfig {
  const parsed = configSchema.safeParse(json);
  if (!parsed.success) {
    throw new UserError([
      `${file} does not describe one of CLIP's own architectures (vision transformer or ModifiedResNet with a text transformer):`,
      ...schemaProblems(parsed.error),
      'Convert a checkpoint without these options.',
    ]);
  }
  const { embed_dim: embeddingSize, quick_gelu: quick, vision_cfg: vision, text_cfg: text } = parsed.data.model_cfg;
  const shared = {
    activation: quick ? 'quickGelu' : 'gelu',
    layerNormEpsilon: LAYER_NORM_EPSILON,
    embeddingSize,
  } as const;
  return {
    vision: visionConfig(vision, shared),
    text: openClipTextTransformer(text, shared),
  };
}

function visionConfig(
  vision: z.infer<typeof visionSchema>,
  shared: Pick<ClipConfig['text'], 'activation' | 'layerNormEpsilon' | 'embeddingSize'>,
): VisionConfig {
  const { image_size: imageSize, width, head_width: headWidth, layers } = vision;
  if (typeof layers !== 'number') {
    const heads = (width * DOWNSAMPLING) / headWidth;
    return { kind: 'modifiedResNet', imageSize, layers, width, heads, embeddingSize: shared.embeddingSize };
  }
  return {
    kind: 'visionTransformer',
    imageSize,
    patchSize: vision.patch_size ?? DEFAULT_PATCH_SIZE,
    width,
    layers,
    heads: width / headWidth,
    mlpWidth: Math.trunc(width * vision.mlp_ratio),
    ...shared,
  };
}

/**
 * The sizes in the `model_cfg` of an open_clip_config.json.
 * @throws UserError where the file is damaged, or texts cannot be prepared for the model
 */
export function parseOpenClipSizes(modelConfig: unknown, file: string): ModelSizes {
  const parsed = sizesSchema.safeParse(modelConfig);
  if (!parsed.success) {
    throw new UserError([
      `${file} does not describe a CLIP model:`,
      ...schemaProblems(parsed.error),
      'Use another repository.',
    ]);
  }
  const { embed_dim: embeddingSize, vision_cfg: vision, text_cfg: text } = parsed.data;
  return {
    imageSize: vision.image_size,
    contextLength: text.context_length,
    embeddingSize,
    vocabularySize: text.vocab_size,
  };
}
