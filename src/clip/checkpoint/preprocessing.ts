import { z } from 'zod';
import type { PixelStatistics } from '../families/layers/layers.ts';
import { UserError } from '../../base/userError.ts';
import type { ImageInput } from '../base/manifest.ts';

/** How a checkpoint wants its images; the statistics go into the graph, the rest into the manifest. */
export interface Preprocessing extends Pick<ImageInput, 'resize' | 'interpolation' | 'background'> {
  readonly statistics: PixelStatistics;
}

/** openai/CLIP: shortest side fitted bicubically, centre cropped, statistics of its training images (paper, section 2.5). */
export const openaiPreprocessing: Preprocessing = {
  statistics: { mean: [0.48145466, 0.4578275, 0.40821073], std: [0.26862954, 0.26130258, 0.27577711] },
  resize: 'shortest',
  interpolation: 'bicubic',
  // The paper's photographs are opaque. Behind an icon's transparency stands whatever shows it.
  background: 'contrast',
};

const channel = z.int().min(0).max(255);
const triple = z.tuple([z.number(), z.number(), z.number()]);
const openClipSchema = z.object({
  mean: triple.default([...openaiPreprocessing.statistics.mean]),
  std: triple.default([...openaiPreprocessing.statistics.std]),
  interpolation: z.enum(['bicubic', 'area']).default('bicubic'),
  resize_mode: z.enum(['shortest', 'longest', 'squash']).default('shortest'),
  fill_color: z.union([channel, z.tuple([channel, channel, channel])]).default(0),
  /** Ours: white or near-black behind each image, whichever shows it. */
  background: z.literal('contrast').optional(),
});
const openClipConfigSchema = z.object({
  preprocess_cfg: openClipSchema.prefault({}),
  /** Ours, which others pass over. */
  assetlens: z.object({ background: z.literal('contrast').optional(), soften: z.boolean().optional() }).optional(),
});

const sides = z.union([
  z.int().positive(),
  z.object({ shortest_edge: z.int().positive() }),
  z.object({ height: z.int().positive(), width: z.int().positive() }),
]);
/** Filters by the numbers that Pillow gives them. */
const interpolations = { 2: 'bilinear', 3: 'bicubic' } as const;
/** SigLIP's processor, which does not say so. */
const NEVER_CROPS = 'Siglip';
const huggingFaceSchema = z.object({
  size: sides.default(224),
  crop_size: sides.optional(),
  do_resize: z.literal(true).default(true),
  image_processor_type: z.string().optional(),
  do_center_crop: z.boolean().optional(),
  do_rescale: z.literal(true).default(true),
  do_normalize: z.literal(true).default(true),
  resample: z.literal([2, 3], 'only bilinear (2) and bicubic (3) resampling are supported').default(3),
  image_mean: triple.default([...openaiPreprocessing.statistics.mean]),
  image_std: triple.default([...openaiPreprocessing.statistics.std]),
});

/** @param json an open_clip_config.json */
export function parseOpenClipPreprocessing(json: unknown, file: string): Preprocessing {
  const { preprocess_cfg: config, assetlens } = parse(openClipConfigSchema, json, file);
  const { mean, std, interpolation, resize_mode: resize, fill_color: fill } = config;
  const asked = config.background ?? assetlens?.background;
  const statistics = { mean, std, ...(assetlens?.soften && { soften: true }) };
  return { statistics, resize, interpolation, background: asked ?? letterboxColour(resize, fill) };
}

/** open_clip fills letterboxes alone, so that its colour says what stands behind an image only where there is a letterbox. */
function letterboxColour(
  resize: Preprocessing['resize'],
  fill: z.infer<typeof openClipSchema>['fill_color'],
): Preprocessing['background'] {
  if (resize !== 'longest') return 'contrast';
  return typeof fill === 'number' ? [fill, fill, fill] : fill;
}

/**
 * @param json a preprocessor_config.json of transformers
 * @param imageSize side of the encoder's images, to which the crop has to come down
 */
export function parseHuggingFacePreprocessing(json: unknown, file: string, imageSize: number): Preprocessing {
  const config = parse(huggingFaceSchema, json, file);
  const crops = doesCrop(config);
  const isSquash = typeof config.size === 'object' && 'height' in config.size && !crops;
  const fitted = smallestSide(config.size);
  const cropped = crops ? smallestSide(config.crop_size ?? config.size) : fitted;
  if (fitted !== imageSize || cropped !== imageSize) {
    throw new UserError(
      `${file} scales images to ${fitted} and crops them to ${cropped}, but the encoder takes ${imageSize}. ` +
        'Only checkpoints whose images are fitted to the size of the encoder can be converted.',
    );
  }
  return {
    statistics: { mean: config.image_mean, std: config.image_std },
    resize: isSquash ? 'squash' : 'shortest',
    interpolation: interpolations[config.resample],
    background: 'contrast',
  };
}

/** Pixels a side that a preprocessor_config.json of transformers makes of an image. */
export function huggingFaceImageSize(json: unknown, file: string): number {
  const config = parse(huggingFaceSchema, json, file);
  return smallestSide(doesCrop(config) ? (config.crop_size ?? config.size) : config.size);
}

function doesCrop({
  do_center_crop: said,
  image_processor_type: type = '',
}: z.infer<typeof huggingFaceSchema>): boolean {
  return said ?? !type.startsWith(NEVER_CROPS);
}

function smallestSide(size: z.infer<typeof sides>): number {
  if (typeof size === 'number') return size;
  return 'shortest_edge' in size ? size.shortest_edge : Math.min(size.height, size.width);
}

function parse<T>(schema: z.ZodType<T>, json: unknown, file: string): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new UserError(`${file} asks for a pre-processing that is not supported:\n${z.prettifyError(parsed.error)}`);
}
