import type { Command } from '@commander-js/extra-typings';
import { doctor } from '../doctor.ts';
import type { CommandContext } from './context.ts';
import { deviceOption } from './options.ts';

export function addDoctorCommand(program: Command, context: CommandContext): void {
  program
    .command('doctor')
    .description('say what works on this machine: runtime, model, devices, speed; and where indexes lie')
    .argument('[folder]', 'a folder of images, to see where its index lies')
    .option('--model <model>', 'model to look at: the name of an installed one, or a model folder')
    .addOption(deviceOption())
    .option('--json', 'one JSON object')
    .action((folder, options) => doctor(folder, { ...options, ...context }));
}
