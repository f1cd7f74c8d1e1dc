import * as z from 'zod';
import { schemaProblems } from '../../../base/schemaProblems.ts';
import { UserError } from '../../../base/userError.ts';
import type { ModelSizes } from '../definition/family.ts';
import { openClipText, openClipTextSizes, openClipTextTransformer } from '../definition/openClipText.ts';
import type { TextTransformerConfig } from '../layers/textTransformer.ts';
import type { ClipActivation } from '../layers/layers.ts';
import type { Scaling } from './efficientNetLite.ts';

/** The image encoder: a branch for drawings, and a branch for photos that runs only where the first sees a photo. */
export interface VisionConfig extends Scaling {
  /** Pixels a side of the image, and of the input of the branch for photos. */
  readonly imageSize: number;
  /** Factor by which the image is reduced for the branch for drawings. */
  readonly reduction: number;
  /** Kinds of images that the branch for drawings distinguishes. */
  readonly kinds: number;
  /** Index of the kind `photo`. */
  readonly photoKind: number;
  /** Factor of the probabilities of the kinds in a projection. */
  readonly kindScale: number;
  /** Classes that the branch for photos distinguishes. */
  readonly classes: number;
  /** Dimensions of a projection without those of the kinds. */
  readonly embeddingSize: number;
}

export interface EfficientNetConfig {
  readonly vision: VisionConfig;
  readonly text: TextTransformerConfig & { readonly activation: ClipActivation };
}

const LAYER_NORM_EPSILON = 1e-5;

/** Limit that protects against damaged configurations. EfficientNet-Lite4 has a width of 1.4 and a depth of 1.8. */
const MAX_SCALE = 4;

const visionSchema = z.strictObject({
  branches: z.literal('efficientnet-lite'),
  width: z.number().positive().max(MAX_SCALE).default(1),
  depth: z.number().positive().max(MAX_SCALE).default(1),
  image_size: z.int().positive(),
  reduction: z.int().positive(),
  kinds: z.int().positive(),
  photo_kind: z.int().nonnegative(),
  kind_scale: z.number().positive(),
  classes: z.int().positive(),
});
const modelSchema = z.strictObject({
  embed_dim: z.int().positive(),
  vision_cfg: visionSchema,
  text_cfg: openClipText,
});
const sizesSchema = z.object({
  embed_dim: z.int().positive(),
  vision_cfg: z.object({ image_size: z.int().positive(), kinds: z.int().positive() }),
  text_cfg: openClipTextSizes,
});

const recognisable = z.object({ vision_cfg: z.object({ branches: z.string() }) });

/** @param modelConfig `model_cfg` of an open_clip_config.json */
export function hasBranches(modelConfig: unknown): boolean {
  return recognisable.safeParse(modelConfig).success;
}

/**
 * The configuration in an open_clip_config.json.
 * @throws UserError with the fields that are not supported
 */
export function parseConfig(json: unknown, file: string): EfficientNetConfig {
  const parsed = z.object({ model_cfg: modelSchema }).safeParse(json);
  if (!parsed.success) throw invalid(file, parsed.error);
  const { embed_dim: embeddingSize, vision_cfg: vision, text_cfg: text } = parsed.data.model_cfg;
  return {
    vision: {
      imageSize: vision.image_size,
      width: vision.width,
      depth: vision.depth,
      reduction: vision.reduction,
      kinds: vision.kinds,
      photoKind: vision.photo_kind,
      kindScale: vision.kind_scale,
      classes: vision.classes,
      embeddingSize,
    },
    text: openClipTextTransformer(text, { activation: 'gelu', layerNormEpsilon: LAYER_NORM_EPSILON, embeddingSize }),
  };
}

/**
 * The sizes in the `model_cfg` of an open_clip_config.json.
 * @throws UserError where the file is damaged
 */
export function parseSizes(modelConfig: unknown, file: string): ModelSizes {
  const parsed = sizesSchema.safeParse(modelConfig);
  if (!parsed.success) throw invalid(file, parsed.error);
  const { embed_dim: embeddingSize, vision_cfg: vision, text_cfg: text } = parsed.data;
  return {
    imageSize: vision.image_size,
    contextLength: text.context_length,
    embeddingSize: embeddingSize + vision.kinds,
    vocabularySize: text.vocab_size,
  };
}

function invalid(file: string, error: z.ZodError): UserError {
  return new UserError([
    `${file} does not describe an image encoder with EfficientNet-Lite branches:`,
    ...schemaProblems(error),
    'Use the file that was published with the checkpoint.',
  ]);
}
