import type { Command } from '@commander-js/extra-typings';
import { doctor } from '../doctor.ts';
import type { CommandContext } from './context.ts';
import { deviceOption } from './options.ts';

export function addDoctorCommand(program: Command, context: CommandContext): void {
  program
    .command('doctor')
    .description('check the runtime, the model, the devices and their speed, and show where indexes are stored')
    .argument('[folder]', 'folder of images; also show the location and size of its index')
    .option('--model <model>', 'model to check: the name of an installed model, or a model folder')
    .addOption(deviceOption())
    .option('--json', 'print one JSON object')
    .action((folder, options) => doctor(folder, { ...options, ...context }));
}
