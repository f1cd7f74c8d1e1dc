import * as z from 'zod';
import type { ClipActivation } from '../layers/layers.ts';
import type { TextTransformerConfig } from '../layers/textTransformer.ts';

/** An option of open_clip that changes the architecture; it may only be switched off. */
export const off = z.union([z.literal(false), z.null()]).optional();

const vocabularySize = z.int().positive().default(49408);

/**
 * `text_cfg` of an open_clip_config.json, for CLIP's text transformer. It has the defaults of open_clip, and is strict,
 * because an unknown option may change what the encoder computes.
 */
export const openClipText = z.strictObject({
  context_length: z.int().positive().default(77),
  vocab_size: vocabularySize,
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

/** The sizes in `text_cfg`, for third-party graphs of any text encoder. */
export const openClipTextSizes = z.object({
  context_length: z.int().min(3).default(77),
  vocab_size: vocabularySize,
  // Without the mask, padding changes an embedding, and the files do not contain how texts are padded.
  no_causal_mask: z.literal(false).default(false),
});

interface SharedConfig {
  readonly activation: ClipActivation;
  readonly layerNormEpsilon: number;
  readonly embeddingSize: number;
}

/** The text transformer that `text_cfg` describes. */
export function openClipTextTransformer(
  text: z.infer<typeof openClipText>,
  shared: SharedConfig,
): TextTransformerConfig & SharedConfig {
  return {
    contextLength: text.context_length,
    vocabularySize: text.vocab_size,
    width: text.width,
    layers: text.layers,
    heads: text.heads,
    mlpWidth: Math.trunc(text.width * text.mlp_ratio),
    ...shared,
  };
}
