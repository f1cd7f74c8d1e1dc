import { Option, type Command } from '@commander-js/extra-typings';
import { STANDARD_OPACITY } from '../../heatmapPicture.ts';
import { confidence, pictureSize, threadCount } from '../arguments.ts';
import { heatmap } from '../heatmap.ts';
import { colourNames } from '../heatmapFigure.ts';
import type { CommandContext } from './context.ts';
import { MODEL_OPTION, templatesOption, THREADS_OPTION } from './options.ts';

export function addHeatmapCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('heatmap')
    .description('show where in an image something is: the picture in grey, and colours where it is')
    .argument('<image>', 'any image file; it need not be in an index')
    .argument('<prompts...>', 'what to look for: one or several phrases')
    .option('-o, --output <file>', 'PNG to write')
    .option('--json', 'print the values of all cells as one JSON object')
    .option('--why', 'show what each part adds to the similarity of image and prompt, or takes from it')
    .addOption(new Option('--colours <map>', 'of one prompt').choices(colourNames).default('viridis' as const))
    .option('--opacity <p>', 'of the highest value, 0 to 1', confidence, STANDARD_OPACITY)
    .option('--cells', 'show the cells as they are, without a transition between them')
    .option('--relative', 'colours from the lowest to the highest value of this picture, whatever they are')
    .option('--side-by-side', 'a picture for each prompt, instead of a hue')
    .option('--size <pixels>', 'most pixels of the longer side, 64 to 2048', pictureSize, 800)
    .option('--labels <file>', 'a prompt that names a label of this file stands for its prompts')
    .addOption(templatesOption())
    .addOption(
      new Option('--background <kind>', 'what prompts compete with (default: photo for JPEG, else drawing)').choices([
        'drawing',
        'photo',
      ] as const),
    )
    .option(...MODEL_OPTION)
    .option(...THREADS_OPTION, threadCount)
    .option('--quiet', 'no word on standard error when all went well');
  command.action((image, prompts, options) => {
    if (options.output === undefined && !options.json) {
      command.error('error: say where the picture goes (-o out.png), or ask for the values (--json)');
    }
    return heatmap(image, prompts, { ...options, ...context });
  });
}
