import { Option } from '@commander-js/extra-typings';
import { DECODE_LIMITS, DEVICE_SETTINGS, templateSets, type TemplateSet } from '../../clip/index.ts';

/** Options that several commands share. */

export const deviceOption = () =>
  new Option('--device <device>', 'device that embeds images; "auto" uses the measurements of "doctor"')
    .choices(DEVICE_SETTINGS)
    .default('auto' as const);

export const templatesOption = () =>
  new Option('--templates <set>', 'set of prompt templates').choices(Object.keys(templateSets) as TemplateSet[]);

export const precisionOption = () =>
  new Option('--precision <precision>', 'precision of the weights').choices(['fp32', 'fp16', 'int8'] as const);

export const MODEL_OPTION = [
  '--model <model>',
  'model to use: the name of an installed model, or a model folder',
] as const;

export const THREADS_OPTION = [
  '--threads <n>',
  'number of threads of the encoders (default: all threads of the CPU but one)',
] as const;

export const MAX_MEGAPIXELS_OPTION = [
  '--max-megapixels <n>',
  `images with more megapixels are skipped; for BMP and ICO, a quarter of it (default: ${DECODE_LIMITS.pixels / 1e6})`,
] as const;

export const MAX_MEGABYTES_OPTION = [
  '--max-megabytes <n>',
  `files with more MB are skipped (default: ${DECODE_LIMITS.bytes / 1e6})`,
] as const;

export const MAX_MEMORY_OPTION = [
  '--max-memory <n>',
  `MB of memory to decode images with; images that need more are skipped (default: ${DECODE_LIMITS.memory / 1e6})`,
] as const;
