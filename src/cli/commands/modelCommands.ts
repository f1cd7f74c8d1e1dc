import type { Command } from '@commander-js/extra-typings';
import { convert } from '../convert.ts';
import { add, listModels, remove, use } from '../models.ts';
import type { CommandContext } from './context.ts';
import { precisionOption } from './options.ts';

/** Adds the commands that convert and install models: convert and models. */
export function addModelCommands(program: Command, context: CommandContext): void {
  program
    .command('convert')
    .description(
      'build the ONNX graphs of a CLIP checkpoint (safetensors with Hugging Face or OpenAI/open_clip tensor names)',
    )
    .argument('<checkpoint>', 'folder with the checkpoint, its configuration and tokenizer.json')
    .argument('<out>', 'model folder to write')
    .addOption(precisionOption().default('fp32' as const))
    .option('--force', 'replace an existing model folder')
    .action((checkpoint, out, options) => convert(checkpoint, out, { ...options, signal: context.signal }));

  const models = program.command('models').description('list, add and remove models, and set the default model');
  const json = ['--json', 'print one JSON object per line'] as const;
  models
    .command('list', { isDefault: true })
    .description('list the installed and the recommended models, with size, licence and accuracy')
    .option(...json)
    .action((options) => listModels({ ...options, ...context }));
  models
    .command('add')
    .description('install a recommended model (by name), a repository of the hub (owner/name), or a local folder')
    .argument('<model>')
    .option('--name <name>', 'name of the installed model')
    .option('--revision <revision>', 'branch, tag or commit of the repository')
    .option('--folder <folder>', 'subfolder of the repository or folder that contains the model')
    .addOption(precisionOption())
    .option('--use', 'make it the default model')
    .option('--force', 'replace an installed model of the same name')
    .option('--yes', 'accept the download and the licence without a question')
    .option(...json)
    .action((model, options) => add(model, { ...options, ...context }));
  models
    .command('remove')
    .description('remove an installed model')
    .argument('<name>')
    .action((name) => remove(name, context));
  models
    .command('use')
    .description('make a model the default, used unless --model names another one')
    .argument('<name>')
    .action((name) => use(name, context));
}
