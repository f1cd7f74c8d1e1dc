import { Option } from '@commander-js/extra-typings';
import { DEVICE_SETTINGS, templateSets, type TemplateSet } from '../../clip/index.ts';

/** Options that several commands have. */

export const deviceOption = () =>
  new Option('--device <device>', 'where images are embedded; "doctor" finds out what is best for auto')
    .choices(DEVICE_SETTINGS)
    .default('auto' as const);

export const templatesOption = () =>
  new Option('--templates <set>', 'prompt templates').choices(Object.keys(templateSets) as TemplateSet[]);

export const precisionOption = () =>
  new Option('--precision <precision>', 'of the weights').choices(['fp32', 'fp16', 'int8'] as const);

export const MODEL_OPTION = [
  '--model <model>',
  'model to use: the name of an installed one, or a folder that "convert" made',
] as const;

export const THREADS_OPTION = ['--threads <n>', 'threads of the encoders (default: as measured best)'] as const;
