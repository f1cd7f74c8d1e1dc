import { Command } from '@commander-js/extra-typings';
import { printHelp, report } from '../output.ts';
import { linesOf } from '../text.ts';
import type { CommandContext } from './context.ts';
import { addDoctorCommand } from './doctorCommand.ts';
import { addFolderCommands } from './folderCommands.ts';
import { addHeatmapCommand } from './heatmapCommand.ts';
import { addLabelCommands } from './labelCommands.ts';
import { addModelCommands } from './modelCommands.ts';

/** Creates the command line with all its commands. It throws CommanderError instead of ending the process. */
export function createProgram(context: CommandContext): Command {
  const program = new Command('assetlens')
    .description('Tags and searches the images of a folder by their visual content, with CLIP, offline.')
    .showHelpAfterError()
    .configureOutput({
      writeOut(help) {
        printHelp(linesOf(help));
      },
      writeErr(error) {
        report(linesOf(error));
      },
    })
    .exitOverride();
  addFolderCommands(program, context);
  addHeatmapCommand(program, context);
  addLabelCommands(program, context);
  addModelCommands(program, context);
  addDoctorCommand(program, context);
  return program;
}
