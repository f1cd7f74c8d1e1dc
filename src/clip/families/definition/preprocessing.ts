import * as z from 'zod';
import { schemaProblems } from '../../../base/schemaProblems.ts';
import { UserError } from '../../../base/userError.ts';
import type { ImageInput } from '../../base/manifest.ts';
import type { PixelStatistics } from '../layers/layers.ts';

/** The pre-processing of images. The statistics go into the graph, the rest into the manifest. */
export interface Preprocessing extends Pick<ImageInput, 'resize' | 'interpolation' | 'background'> {
  readonly statistics: PixelStatistics;
}

/**
 * openai/CLIP: shortest side fitted bicubically, centre cropped, statistics of its training images (paper, section
 * 2.5).
 */
export const openaiPreprocessing: Preprocessing = {
  statistics: { mean: [0.48145466, 0.4578275, 0.40821073], std: [0.26862954, 0.26130258, 0.27577711] },
  resize: 'shortest',
  interpolation: 'bicubic',
  // The paper's photographs are opaque. Icons are transparent and need a background that shows them.
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
  /** An option of AssetLens: white or near-black behind each image, whichever makes the image visible. */
  background: z.literal('contrast').optional(),
});
const openClipConfigSchema = z.object({
  preprocess_cfg: openClipSchema.prefault({}),
  /** Options of AssetLens, which open_clip ignores. */
  assetlens: z.object({ background: z.literal('contrast').optional(), soften: z.boolean().optional() }).optional(),
});

const sides = z.union([
  z.int().positive(),
  z.object({ shortest_edge: z.int().positive() }),
  z.object({ height: z.int().positive(), width: z.int().positive() }),
]);
/** Filters by their numbers in Pillow. */
const interpolations = { 2: 'bilinear', 3: 'bicubic' } as const;
const huggingFaceSchema = z.object({
  size: sides.default(224),
  crop_size: sides.optional(),
  do_resize: z.literal(true).default(true),
  image_processor_type: z.string().default(''),
  do_center_crop: z.boolean().optional(),
  do_rescale: z.literal(true).default(true),
  do_normalize: z.literal(true).default(true),
  resample: z.literal([2, 3], 'only bilinear (2) and bicubic (3) resampling are supported').default(3),
  image_mean: triple.default([...openaiPreprocessing.statistics.mean]),
  image_std: triple.default([...openaiPreprocessing.statistics.std]),
});
type HuggingFaceConfig = z.infer<typeof huggingFaceSchema>;

/** Whether an image processor of transformers crops images where its configuration has no `do_center_crop`. */
type CropsByDefault = (imageProcessor: string) => boolean;

/** @param json an open_clip_config.json */
export function parseOpenClipPreprocessing(json: unknown, file: string): Preprocessing {
  const { preprocess_cfg: config, assetlens } = parse(openClipConfigSchema, json, file);
  const { mean, std, interpolation, resize_mode: resize, fill_color: fill } = config;
  const statistics = { mean, std, ...(assetlens?.soften && { soften: true }) };
  const background = config.background ?? assetlens?.background ?? letterboxColour(resize, fill);
  return { statistics, resize, interpolation, background };
}

/** open_clip fills only letterboxes, so its fill colour is a background only where there is a letterbox. */
function letterboxColour(
  resize: Preprocessing['resize'],
  fill: z.infer<typeof openClipSchema>['fill_color'],
): Preprocessing['background'] {
  if (resize !== 'longest') return 'contrast';
  return typeof fill === 'number' ? [fill, fill, fill] : fill;
}

/**
 * @param json a preprocessor_config.json of transformers
 * @param imageSize side of the encoder's images; the crop must have the same size
 */
export function parseHuggingFacePreprocessing(
  json: unknown,
  file: string,
  imageSize: number,
  cropsByDefault: CropsByDefault,
): Preprocessing {
  const config = parse(huggingFaceSchema, json, file);
  const crops = doesCrop(config, cropsByDefault);
  const isSquash = typeof config.size === 'object' && 'height' in config.size && !crops;
  const fitted = smallestSide(config.size);
  const cropped = crops ? smallestSide(config.crop_size ?? config.size) : fitted;
  if (fitted !== imageSize || cropped !== imageSize) {
    throw new UserError(
      `${file} scales images to ${fitted} and crops them to ${cropped}, but the encoder takes ${imageSize}. ` +
        'Use a checkpoint that crops images to the size of its encoder.',
    );
  }
  return {
    statistics: { mean: config.image_mean, std: config.image_std },
    resize: isSquash ? 'squash' : 'shortest',
    interpolation: interpolations[config.resample],
    background: 'contrast',
  };
}

/** Pixels a side of the images that a preprocessor_config.json of transformers describes. */
export function huggingFaceImageSize(json: unknown, file: string, cropsByDefault: CropsByDefault): number {
  const config = parse(huggingFaceSchema, json, file);
  return smallestSide(doesCrop(config, cropsByDefault) ? (config.crop_size ?? config.size) : config.size);
}

function doesCrop(config: HuggingFaceConfig, cropsByDefault: CropsByDefault): boolean {
  return config.do_center_crop ?? cropsByDefault(config.image_processor_type);
}

function smallestSide(size: z.infer<typeof sides>): number {
  if (typeof size === 'number') return size;
  return 'shortest_edge' in size ? size.shortest_edge : Math.min(size.height, size.width);
}

function parse<T>(schema: z.ZodType<T>, json: unknown, file: string): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new UserError([`${file} describes an unsupported pre-processing:`, ...schemaProblems(parsed.error)]);
}
