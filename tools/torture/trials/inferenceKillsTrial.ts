import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lastLines, type RunningCommand } from '../command.ts';
import { checkEnd, checkIndex, createWorkspace, tag } from '../indexing/workspace.ts';
import { randomOf, type Random } from '../random.ts';
import type { Trial } from '../trial.ts';

const IMAGES = { full: 500, short: 150 };
const POLL_MILLISECONDS = 5;
const MOST_ATTEMPTS = 5;

/** Kills the inference process of a command at random moments. The command must replace it and do all of its work. */
export const inferenceKillsTrial: Trial = {
  name: 'inference-kills',
  unit: 'kills of the inference process',
  cases: { full: 40, short: 3 },
  async run(context) {
    const workspace = await createWorkspace(context, IMAGES);
    for (const number of context.cases()) {
      const random = randomOf(context.seed, 'inference-kills', number);
      const indexFolder = path.join(context.folder, 'killed');
      const indexFile = path.join(indexFolder, 'index.db');
      const kill = { isDone: false };
      // A kill that comes after the end of the command is repeated with a new index.
      for (let attempt = 0; attempt < MOST_ATTEMPTS && !kill.isDone; attempt++) {
        await rm(indexFolder, { recursive: true, force: true });
        const longest = workspace.milliseconds / (attempt + 1);
        const result = await tag(workspace, indexFile, {
          beside: async (command) => {
            kill.isDone = await killInference(command, random, longest);
          },
        });
        if (!checkEnd(context, number, 'the command', result)) break;
        // A process that ends while it starts is not replaced, because the next one would end as well. The command says
        // so.
        if (result.code !== 0 && !result.stderr.includes('The inference process cannot start (signal SIGKILL)')) {
          context.tally.fail('wrong', number, `exit code ${result.code}: ${lastLines(result)}`);
        }
      }
      if (kill.isDone) context.tally.try();
      await checkIndex(context, { workspace, indexFile, number });
      await rm(indexFolder, { recursive: true, force: true });
    }
  },
};

/** Waits for the inference process and kills it after a random time. @returns whether it was there */
async function killInference(command: RunningCommand, random: Random, longest: number): Promise<boolean> {
  const delay = random.below(longest);
  while (!command.hasEnded() && !command.hasInference()) await sleep(POLL_MILLISECONDS);
  await sleep(delay);
  return command.killInference();
}
