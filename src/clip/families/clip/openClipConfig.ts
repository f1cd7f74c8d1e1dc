import { z } from 'zod';
import type { ClipConfig, VisionConfig } from './clip.ts';
import { UserError } from '../../../base/userError.ts';

const LAYER_NORM_EPSILON = 1e-5;
const DEFAULT_PATCH_SIZE = 16;
/** The attention pool of a ModifiedResNet works on 32 times the channels of its stem. */
const POOL_WIDENING = 32;

/** Options that change the architecture, written out as not used. */
const off = z.union([z.literal(false), z.null()]).optional();

/** Defaults are those of open_clip. Strict, because an option that we do not know would change what the encoder computes. */
const visionSchema = z.strictObject({
  image_size: z.int().positive().default(224),
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
  /** Of training alone. */
  patch_dropout: z.number().optional(),
  pool_type: z.literal('tok').optional(),
  attentional_pool: off,
  final_ln_after_pool: off,
  global_average_pool: off,
  ls_init_value: off,
  no_ln_pre: off,
  output_tokens: off,
});
const textSchema = z.strictObject({
  context_length: z.int().positive().default(77),
  vocab_size: z.int().positive().default(49408),
  width: z.int().positive().default(512),
  heads: z.int().positive().default(8),
  layers: z.int().positive().default(12),
  mlp_ratio: z.number().positive().default(4),
  pool_type: z.literal('argmax').optional(),
  embed_cls: off,
  ls_init_value: off,
  no_causal_mask: off,
  output_tokens: off,
  proj_bias: off,
});
const configSchema = z.object({
  model_cfg: z.strictObject({
    embed_dim: z.int().positive(),
    quick_gelu: z.boolean().default(false),
    vision_cfg: visionSchema,
    text_cfg: textSchema,
  }),
});

/**
 * The architecture that an open_clip_config.json describes.
 * @throws UserError where it is not one of the paper's, with the options that are not.
 */
export function parseOpenClipConfig(json: unknown, file: string): ClipConfig {
  const parsed = configSchema.safeParse(json);
  if (!parsed.success) {
    throw new UserError(
      `${file} does not describe one of CLIP's own architectures (vision transformer or ModifiedResNet with a text transformer):\n` +
        `${z.prettifyError(parsed.error)}\nConvert a checkpoint without these options.`,
    );
  }
  const { embed_dim: embeddingSize, quick_gelu: quick, vision_cfg: vision, text_cfg: text } = parsed.data.model_cfg;
  const shared = {
    activation: quick ? 'quickGelu' : 'gelu',
    layerNormEpsilon: LAYER_NORM_EPSILON,
    embeddingSize,
  } as const;
  return {
    vision: visionConfig(vision, shared),
    text: {
      contextLength: text.context_length,
      vocabularySize: text.vocab_size,
      width: text.width,
      layers: text.layers,
      heads: text.heads,
      mlpWidth: Math.trunc(text.width * text.mlp_ratio),
      ...shared,
    },
  };
}

function visionConfig(
  vision: z.infer<typeof visionSchema>,
  shared: Pick<ClipConfig['text'], 'activation' | 'layerNormEpsilon' | 'embeddingSize'>,
): VisionConfig {
  const { image_size: imageSize, width, head_width: headWidth, layers } = vision;
  if (typeof layers !== 'number') {
    const heads = (width * POOL_WIDENING) / headWidth;
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
