import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTagWriter } from '../indexing/manualTags.ts';
import { checkIndex, createWorkspace, tag, type Workspace } from '../indexing/workspace.ts';
import { randomOf } from '../random.ts';
import type { Trial, TrialContext } from '../trial.ts';

const IMAGES = { full: 600, short: 150 };
/** Kills before the index is completed and compared. */
const ROUND = 6;

/**
 * Kills the command with all of its child processes at random moments, while another process sets manual tags and is
 * killed with it. After some kills, the index is completed, and must be that of an undisturbed run with all tags that
 * were stored.
 */
export const killsTrial: Trial = {
  name: 'kills',
  unit: 'kills of all processes',
  cases: { full: 84, short: 6 },
  async run(context) {
    const workspace = await createWorkspace(context, IMAGES);
    let round: number[] = [];
    for (const number of context.cases()) {
      round.push(number);
      if (round.length < ROUND) continue;
      await runRound(context, workspace, round);
      round = [];
    }
    if (round.length > 0) await runRound(context, workspace, round);
  },
};

async function runRound(context: TrialContext, workspace: Workspace, numbers: readonly number[]): Promise<void> {
  const { folder, seed, tally } = context;
  const indexFolder = path.join(folder, 'killed');
  const indexFile = path.join(indexFolder, 'index.db');
  const manualTags = new Map<string, boolean>();
  for (const number of numbers) {
    const random = randomOf(seed, 'kills', number);
    const delay = random.between(50, Math.ceil(workspace.milliseconds));
    const writer = startTagWriter(workspace, indexFile, `kill-${number}`, 1000);
    const kill = async (killTree: () => void): Promise<void> => {
      await sleep(delay);
      killTree();
      writer.kill();
    };
    await tag(workspace, indexFile, { beside: ({ killTree }) => kill(killTree) });
    await writer.ended;
    if (writer.errors().trim() !== '') tally.fail('wrong', number, `manual tags: ${writer.errors().slice(0, 300)}`);
    for (const [key, holds] of writer.stored) manualTags.set(key, holds);
    tally.try();
  }
  const number = numbers.at(-1) ?? 0;
  await checkIndex(context, { workspace, indexFile, number, manualTags });
  await rm(indexFolder, { recursive: true, force: true });
}
