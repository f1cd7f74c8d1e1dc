import type { Command } from '@commander-js/extra-typings';
import { convert } from '../convert.ts';
import { add, listModels, remove, use } from '../models.ts';
import type { CommandContext } from './context.ts';
import { precisionOption } from './options.ts';

/** Adds the commands that make and install models: convert and models. */
export function addModelCommands(program: Command, context: CommandContext): void {
  program
    .command('convert')
    .description('build the ONNX graphs of a CLIP checkpoint (safetensors, Hugging Face or OpenAI/open_clip names)')
    .argument('<checkpoint>', 'folder with the checkpoint, its configuration and tokenizer.json')
    .argument('<out>', 'model folder to write')
    .addOption(precisionOption().default('fp32' as const))
    .option('--force', 'replace a model that is there')
    .action((checkpoint, out, options) => convert(checkpoint, out, { ...options, signal: context.signal }));

  const models = program.command('models').description('models: list, add, remove, and use one by default');
  const json = ['--json', 'one JSON object a line'] as const;
  models
    .command('list', { isDefault: true })
    .description('models that are installed or recommended, with size, licence and accuracy')
    .option(...json)
    .action((options) => listModels({ ...options, ...context }));
  models
    .command('add')
    .description('install a recommended model by its name, a repository of the hub (owner/name), or a folder')
    .argument('<model>')
    .option('--name <name>', 'what to call it')
    .option('--revision <revision>', 'branch, tag or commit of the repository')
    .option('--folder <folder>', 'where in the repository or folder the model is')
    .addOption(precisionOption())
    .option('--use', 'use it from now on where --model names no other')
    .option('--force', 'replace a model of that name')
    .option('--yes', 'agree to the download and the licence')
    .option(...json)
    .action((model, options) => add(model, { ...options, ...context }));
  models
    .command('remove')
    .description('remove an installed model')
    .argument('<name>')
    .action((name) => remove(name, context));
  models
    .command('use')
    .description('use a model where --model names no other')
    .argument('<name>')
    .action((name) => use(name, context));
}
