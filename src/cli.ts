/** The command line: the same services as the extension, without an editor. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { DEVICE_SETTINGS, UserError, templateSets, type TemplateSet } from './clip/index.ts';
import { STANDARD_OPACITY } from './heatmapPicture.ts';
import { DEFAULT_THRESHOLD } from './library/index.ts';
import { convert } from './cli/convert.ts';
import { doctor } from './cli/doctor.ts';
import { add, listModels, remove, use } from './cli/models.ts';
import { heatmap } from './cli/heatmap.ts';
import { colourNames } from './cli/heatmapFigure.ts';
import { formats } from './cli/output.ts';
import { search, similar } from './cli/search.ts';
import { tag } from './cli/tag.ts';

/** Exit codes: 0 done (bad images are named and counted, not fatal), 1 nothing could be done, 2 wrong usage, 130 interrupted. */
const FAILED = 1;
const WRONG_USAGE = 2;
const INTERRUPTED = 130;

/** Beside the bundle: the inference process and the model that esbuild.mjs builds. */
const shipped = {
  hostScript: path.join(import.meta.dirname, 'inference.js'),
  probeScript: path.join(import.meta.dirname, 'probe.js'),
  version: (JSON.parse(readFileSync(path.join(import.meta.dirname, '../package.json'), 'utf8')) as { version: string })
    .version,
  bundled: { name: 'assetlens-icons', folder: path.join(import.meta.dirname, 'models/assetlens-icons') },
  labelsFile: path.join(import.meta.dirname, '../models/labels/default.yaml'),
};

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number from 1.');
  return value;
}

/** More threads than processors only get in each other's way. */
function threadCount(text: string): number {
  return Math.min(positiveInteger(text), availableParallelism());
}

function nonNegativeInteger(text: string): number {
  return text === '0' ? 0 : positiveInteger(text);
}

/** Globs as people type them: without a folder they are for file names at any depth. */
function globs(glob: string, earlier: string[] = []): string[] {
  return [...earlier, glob.includes('/') ? glob : `**/${glob}`];
}

function confidence(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1)) throw new InvalidArgumentError('It must be between 0 and 1.');
  return value;
}

/** Pixels a side. */
function pictureSize(text: string): number {
  const value = positiveInteger(text);
  if (value < 64 || value > 2048) throw new InvalidArgumentError('It must be between 64 and 2048.');
  return value;
}

function program(signal: AbortSignal) {
  const assetlens = new Command('assetlens')
    .description('Finds and tags the images of a folder by what they show, with CLIP, offline.')
    .showHelpAfterError()
    .exitOverride();

  const device = new Option('--device <device>', 'where images are embedded; "doctor" finds out what is best for auto')
    .choices(DEVICE_SETTINGS)
    .default('auto' as const);

  /** A command with the options of all that look at a folder of images. */
  const folderCommand = (name: string) =>
    new Command(name)
      .copyInheritedSettings(assetlens)
      .argument('<folder>')
      .option('--model <model>', 'model to use: the name of an installed one, or a folder that "convert" made')
      .option('--index <file>', 'index file (default: .assetlens/index.db in the folder)')
      .option('--include <glob>', 'only images whose path fits; may be repeated', globs)
      .option('--exclude <glob>', 'no images whose path fits; may be repeated', globs)
      .option('--no-gitignore', 'look at files that .gitignore names, too')
      .option('--threads <n>', 'threads of the encoders (default: as measured best)', threadCount)
      .addOption(device)
      .addOption(new Option('--format <format>', 'how to print').choices(formats).default('table' as const))
      .option('--json', 'one JSON object a line; short for --format json')
      .option('--retry-failed', 'try images again that failed before and have not changed')
      .option('--quiet', 'no progress and no summary on standard error');

  const tagCommand = folderCommand('tag')
    .description('tag every image of a folder with the labels that hold for it')
    .option('--labels <file>', 'JSON or YAML list of labels', shipped.labelsFile)
    .addOption(new Option('--templates <set>', 'prompt templates').choices(Object.keys(templateSets) as TemplateSet[]))
    .option('--top <k>', 'most labels an image', positiveInteger, 5)
    .option('--threshold <p>', 'least confidence of a label, 0 to 1', confidence, DEFAULT_THRESHOLD)
    .option('--show <n>', 'images in the table; 0 shows all', nonNegativeInteger, 40)
    .action((folder, options) => tag(folder, { ...options, ...shipped, signal }));

  const searchCommand = folderCommand('search')
    .description('find images by what they show: words, -words that they should not show, +image.png, path:glob')
    .argument('<query>')
    .allowUnknownOption() // a query may begin with "-word"; anything else too many is still refused
    .option('--top <k>', 'most results', positiveInteger, 20)
    .option('--threshold <p>', 'least score of a result, 0 to 1', confidence)
    .action((folder, query, options) => search(folder, query, { ...options, ...shipped, signal }));

  const similarCommand = folderCommand('similar')
    .description('find images that look like one image')
    .argument('<image>')
    .option('--top <k>', 'most results', positiveInteger, 20)
    .action((folder, image, options) => similar(folder, image, { ...options, ...shipped, signal }));

  for (const command of [tagCommand, searchCommand, similarCommand]) assetlens.addCommand(command);

  const heatmapCommand = assetlens
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
    .addOption(new Option('--templates <set>', 'prompt templates').choices(Object.keys(templateSets) as TemplateSet[]))
    .addOption(
      new Option('--background <kind>', 'what prompts compete with (default: photo for JPEG, else drawing)').choices([
        'drawing',
        'photo',
      ] as const),
    )
    .option('--model <model>', 'model to use: the name of an installed one, or a folder that "convert" made')
    .option('--threads <n>', 'threads of the encoders (default: as measured best)', threadCount)
    .option('--quiet', 'no word on standard error when all went well');
  heatmapCommand.action((image, prompts, options) => {
    if (options.output === undefined && !options.json) {
      heatmapCommand.error('error: say where the picture goes (-o out.png), or ask for the values (--json)');
    }
    return heatmap(image, prompts, { ...options, ...shipped, signal });
  });

  assetlens
    .command('convert')
    .description('build the ONNX graphs of a CLIP checkpoint (safetensors, Hugging Face or OpenAI/open_clip names)')
    .argument('<checkpoint>', 'folder with the checkpoint, its configuration and tokenizer.json')
    .argument('<out>', 'model folder to write')
    .addOption(
      new Option('--precision <precision>', 'of the weights')
        .choices(['fp32', 'fp16', 'int8'] as const)
        .default('fp32' as const),
    )
    .option('--force', 'replace a model that is there')
    .action((checkpoint, out, options) => convert(checkpoint, out, { ...options, signal }));

  const models = assetlens.command('models').description('models: list, add, remove, and use one by default');
  const json = ['--json', 'one JSON object a line'] as const;
  models
    .command('list', { isDefault: true })
    .description('models that are installed or recommended, with size, licence and accuracy')
    .option(...json)
    .action((options) => listModels({ ...options, ...shipped }));
  models
    .command('add')
    .description('install a recommended model by its name, a repository of the hub (owner/name), or a folder')
    .argument('<model>')
    .option('--name <name>', 'what to call it')
    .option('--revision <revision>', 'branch, tag or commit of the repository')
    .option('--folder <folder>', 'where in the repository or folder the model is')
    .addOption(new Option('--precision <precision>', 'of the weights').choices(['fp32', 'fp16', 'int8'] as const))
    .option('--use', 'use it from now on where --model names no other')
    .option('--force', 'replace a model of that name')
    .option('--yes', 'agree to the download and the licence')
    .option(...json)
    .action((model, options) => add(model, { ...options, ...shipped, signal }));
  models
    .command('remove')
    .description('remove an installed model')
    .argument('<name>')
    .action((name) => remove(name, shipped));
  models
    .command('use')
    .description('use a model where --model names no other')
    .argument('<name>')
    .action((name) => use(name, shipped));

  assetlens
    .command('doctor')
    .description('say what works on this machine: runtime, model, devices, speed')
    .option('--model <model>', 'model to look at: the name of an installed one, or a model folder')
    .addOption(device)
    .option('--json', 'one JSON object')
    .action((options) => doctor({ ...options, ...shipped, signal }));

  return assetlens;
}

async function main(): Promise<number> {
  const controller = new AbortController();
  // The first Ctrl-C ends in good order, the index committed; a second one ends at once.
  process.once('SIGINT', () => {
    controller.abort();
  });
  process.once('SIGTERM', () => {
    controller.abort();
  });
  // The reader of our output (head, say) may leave before we are done.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : FAILED));
  try {
    await program(controller.signal).parseAsync();
    return 0;
  } catch (error) {
    if (controller.signal.aborted) {
      process.stderr.write('Interrupted.\n');
      return INTERRUPTED;
    }
    if (error instanceof Error && 'exitCode' in error && 'code' in error) {
      return error.exitCode === 0 ? 0 : WRONG_USAGE; // commander has said it
    }
    process.stderr.write(error instanceof UserError ? `assetlens: ${error.message}\n` : bugReport(error));
    return FAILED;
  }
}

function bugReport(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `assetlens: this is a bug; please report it with these lines.\n${stack}\n`;
}

process.exitCode = await main();
