import { Command, Option } from '@commander-js/extra-typings';
import { DEFAULT_THRESHOLD } from '../../library/index.ts';
import { confidence, globs, millions, names, nonNegativeInteger, positiveInteger, threadCount } from '../arguments.ts';
import { formats } from '../output.ts';
import { search, similar } from '../search.ts';
import { tag } from '../tag.ts';
import type { CommandContext } from './context.ts';
import {
  deviceOption,
  MAX_MEGABYTES_OPTION,
  MAX_MEGAPIXELS_OPTION,
  MAX_MEMORY_OPTION,
  MODEL_OPTION,
  templatesOption,
  THREADS_OPTION,
} from './options.ts';

/** Adds the commands that work on a folder of images: tag, search and similar. */
export function addFolderCommands(program: Command, context: CommandContext): void {
  const tagCommand = folderCommand('tag')
    .description('tag each image of a folder with the labels that apply to it')
    .option('--labels <file>', 'JSON or YAML file of labels (default: the default labels)')
    .option('--preset <name>', 'label preset, see "labels presets"; can be repeated', names)
    .addOption(templatesOption())
    .option('--top <k>', 'maximum number of labels per image', positiveInteger, 5)
    .option('--threshold <p>', 'minimum confidence of a label, 0 to 1', confidence, DEFAULT_THRESHOLD)
    .option('--maybe', 'also list maybe labels, from half of their threshold; about one in three applies')
    .option('--show <n>', 'maximum number of images in the table; 0 shows all', nonNegativeInteger, 40)
    .action((folder, options) => tag(folder, { ...options, ...context }));

  const searchCommand = folderCommand('search')
    .description('find images that match a query: words, -words to avoid, +image.png, color:red, path:glob')
    .argument('<query>')
    .allowUnknownOption() // a query may begin with "-word"; commander still rejects too many arguments
    .option('--top <k>', 'maximum number of results', positiveInteger, 20)
    .option('--threshold <p>', 'minimum score of a result, 0 to 1', confidence)
    .option('--all', 'also list all results in the table that do not stand out, up to --top')
    .option('--names', 'also compare the words and their synonyms with the names of files and folders')
    .option('--labels <file>', 'labels whose synonyms count for --names (default: the default labels)')
    .option('--no-stack', 'list copies and other sizes of a picture as separate results')
    .action((folder, query, options) => search(folder, query, { ...options, ...context }));

  const similarCommand = folderCommand('similar')
    .description('find images that look like an image')
    .argument('<image>')
    .option('--top <k>', 'maximum number of results', positiveInteger, 20)
    .option('--all', 'also list all results in the table that do not stand out, up to --top')
    .option('--no-stack', 'list copies and other sizes of a picture as separate results')
    .action((folder, image, options) => similar(folder, image, { ...options, ...context }));

  for (const command of [tagCommand, searchCommand, similarCommand]) {
    program.addCommand(command.copyInheritedSettings(program));
  }
}

/** Creates a command with the options that all commands on folders share. */
export function folderCommand(name: string) {
  return new Command(name)
    .argument('<folder>')
    .option(...MODEL_OPTION)
    .option(
      '--index <file>',
      'index file (default: .assetlens/index.db if the folder has .assetlens/, it is yours and Git does not track it; ' +
        'else the index that the editor uses)',
    )
    .option('--include <glob>', 'include only images whose path matches; can be repeated', globs)
    .option('--exclude <glob>', 'exclude images whose path matches; can be repeated', globs)
    .option('--no-gitignore', 'include files that .gitignore excludes')
    .option('--follow-links', 'follow links that lead outside of the folder')
    .option(...THREADS_OPTION, threadCount)
    .option(...MAX_MEGAPIXELS_OPTION, millions)
    .option(...MAX_MEGABYTES_OPTION, millions)
    .option(...MAX_MEMORY_OPTION, millions)
    .addOption(deviceOption())
    .addOption(new Option('--format <format>', 'output format').choices(formats).default('table' as const))
    .option('--json', 'print one JSON object per line; same as --format json')
    .option('--retry-failed', 'retry unchanged images that could not be read before')
    .option('--verify', 'read all images again, to find changes that kept the size and the time of a file')
    .option('--quiet', 'print no progress and no summary on standard error');
}
