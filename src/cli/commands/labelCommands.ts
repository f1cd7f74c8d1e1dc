import type { Command } from '@commander-js/extra-typings';
import { listPresets, suggestPresets } from '../labels.ts';
import type { CommandContext } from './context.ts';
import { folderCommand } from './folderCommands.ts';

/** Adds the commands for label presets: labels presets and labels suggest. */
export function addLabelCommands(program: Command, context: CommandContext): void {
  const labels = program.command('labels').description('list label presets, and find those that fit a folder');
  labels
    .command('presets', { isDefault: true })
    .description('list the label presets with their files, which are examples for your own labels')
    .option('--json', 'print one JSON object per line')
    .action((options) => listPresets({ ...options, ...context }));
  const suggest = folderCommand('suggest')
    .description('count the kinds of pictures in a folder, and name the label presets that fit')
    .action((folder, options) => suggestPresets(folder, { ...options, ...context }));
  labels.addCommand(suggest.copyInheritedSettings(program));
}
