import { Option, type Command } from '@commander-js/extra-typings';
import { STANDARD_OPACITY } from '../../heatmapPicture.ts';
import { confidence, millions, pictureSize, threadCount } from '../arguments.ts';
import { heatmap } from '../heatmap.ts';
import { colourNames } from '../heatmapFigure.ts';
import type { CommandContext } from './context.ts';
import {
  MAX_MEGABYTES_OPTION,
  MAX_MEGAPIXELS_OPTION,
  MAX_MEMORY_OPTION,
  MODEL_OPTION,
  templatesOption,
  THREADS_OPTION,
} from './options.ts';

export function addHeatmapCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('heatmap')
    .description('show where in an image something is, as colours over the grey image')
    .argument('<image>', 'image file; it does not have to be in an index')
    .argument('<prompts...>', 'one or more phrases to look for')
    .option('-o, --output <file>', 'PNG file to write')
    .option('--json', 'print the values of all cells as one JSON object')
    .option('--why', 'show how much each part adds to, or subtracts from, the similarity of image and prompt')
    .addOption(
      new Option('--colours <map>', 'colour map of a heatmap with one prompt')
        .choices(colourNames)
        .default('viridis' as const),
    )
    .option('--opacity <p>', 'opacity of the highest value, 0 to 1', confidence, STANDARD_OPACITY)
    .option('--cells', 'show the cells without interpolation')
    .option('--relative', 'scale the colours to the lowest and highest value of this image')
    .option('--side-by-side', 'draw one heatmap per prompt instead of one hue per prompt')
    .option('--size <pixels>', 'maximum length of the longer side in pixels, 64 to 2048', pictureSize, 800)
    .option(
      '--labels <file>',
      'labels file; a prompt that names one of its labels is replaced by the prompts of the label',
    )
    .addOption(templatesOption())
    .addOption(
      new Option(
        '--background <kind>',
        'kind of background that prompts compete with (default: photo for JPEG, else drawing)',
      ).choices(['drawing', 'photo'] as const),
    )
    .option(...MODEL_OPTION)
    .option(...THREADS_OPTION, threadCount)
    .option(...MAX_MEGAPIXELS_OPTION, millions)
    .option(...MAX_MEGABYTES_OPTION, millions)
    .option(...MAX_MEMORY_OPTION, millions)
    .option('--quiet', 'print only errors on standard error');
  command.action((image, prompts, options) => {
    if (options.output === undefined && !options.json) {
      command.error('error: no output selected. Pass -o out.png to write a picture, or --json to print the values.');
    }
    return heatmap(image, prompts, { ...options, ...context });
  });
}
