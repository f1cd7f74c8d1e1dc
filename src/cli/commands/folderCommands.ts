import { Command, Option } from '@commander-js/extra-typings';
import { DEFAULT_THRESHOLD } from '../../library/index.ts';
import { confidence, globs, nonNegativeInteger, positiveInteger, threadCount } from '../arguments.ts';
import { formats } from '../output.ts';
import { search, similar } from '../search.ts';
import { tag } from '../tag.ts';
import type { CommandContext } from './context.ts';
import { deviceOption, MODEL_OPTION, templatesOption, THREADS_OPTION } from './options.ts';

/** Adds the commands that work on a folder of images: tag, search and similar. */
export function addFolderCommands(program: Command, context: CommandContext): void {
  const tagCommand = folderCommand('tag')
    .description('tag every image of a folder with the labels that hold for it')
    .option('--labels <file>', 'JSON or YAML list of labels', context.labelsFile)
    .addOption(templatesOption())
    .option('--top <k>', 'most labels an image', positiveInteger, 5)
    .option('--threshold <p>', 'least confidence of a label, 0 to 1', confidence, DEFAULT_THRESHOLD)
    .option('--show <n>', 'images in the table; 0 shows all', nonNegativeInteger, 40)
    .action((folder, options) => tag(folder, { ...options, ...context }));

  const searchCommand = folderCommand('search')
    .description('find images by what they show: words, -words that they should not show, +image.png, path:glob')
    .argument('<query>')
    .allowUnknownOption() // a query may begin with "-word"; commander still rejects too many arguments
    .option('--top <k>', 'most results', positiveInteger, 20)
    .option('--threshold <p>', 'least score of a result, 0 to 1', confidence)
    .action((folder, query, options) => search(folder, query, { ...options, ...context }));

  const similarCommand = folderCommand('similar')
    .description('find images that look like one image')
    .argument('<image>')
    .option('--top <k>', 'most results', positiveInteger, 20)
    .action((folder, image, options) => similar(folder, image, { ...options, ...context }));

  for (const command of [tagCommand, searchCommand, similarCommand]) {
    program.addCommand(command.copyInheritedSettings(program));
  }
}

/** A command with the options that all these commands have. */
function folderCommand(name: string) {
  return new Command(name)
    .argument('<folder>')
    .option(...MODEL_OPTION)
    .option(
      '--index <file>',
      'index file (default: in .assetlens/ of the folder if it exists, else shared with the editor)',
    )
    .option('--include <glob>', 'only images whose path fits; may be repeated', globs)
    .option('--exclude <glob>', 'no images whose path fits; may be repeated', globs)
    .option('--no-gitignore', 'look at files that .gitignore names, too')
    .option(...THREADS_OPTION, threadCount)
    .addOption(deviceOption())
    .addOption(new Option('--format <format>', 'how to print').choices(formats).default('table' as const))
    .option('--json', 'one JSON object a line; short for --format json')
    .option('--retry-failed', 'try images again that failed before and have not changed')
    .option('--quiet', 'no progress and no summary on standard error');
}
