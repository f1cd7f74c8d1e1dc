import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lastLines, runCommand, type CommandResult } from '../command.ts';
import { startTagWriter } from '../indexing/manualTags.ts';
import { checkEnd, checkIndex, createWorkspace, tag, type Workspace } from '../indexing/workspace.ts';
import { randomOf } from '../random.ts';
import type { Trial, TrialContext } from '../trial.ts';

const IMAGES = { full: 300, short: 100 };
const TAGS = 40;
const LIMIT_MILLISECONDS = 120_000;

/**
 * Runs several commands and a process that sets manual tags at once on one index, and kills one of them in some cases.
 */
export const simultaneousTrial: Trial = {
  name: 'simultaneous',
  unit: 'groups of processes on one index',
  cases: { full: 12, short: 1 },
  async run(context) {
    const workspace = await createWorkspace(context, IMAGES);
    for (const number of context.cases()) {
      const indexFolder = path.join(context.folder, 'shared');
      await tryGroup(context, workspace, path.join(indexFolder, 'index.db'), number);
      await rm(indexFolder, { recursive: true, force: true });
    }
  },
};

async function tryGroup(context: TrialContext, workspace: Workspace, indexFile: string, number: number): Promise<void> {
  const { seed, tally } = context;
  const random = randomOf(seed, 'simultaneous', number);
  const { root, environment } = workspace;
  const search = (query: string): Promise<CommandResult> =>
    runCommand(['search', root, query, '--json', '--index', indexFile], {
      ...{ environment, limitMilliseconds: LIMIT_MILLISECONDS },
    });
  const isKilling = random.chance(0.5);
  const delay = random.between(100, Math.ceil(workspace.milliseconds));
  const killed = tag(workspace, indexFile, {
    async beside({ killTree }) {
      await sleep(delay);
      if (isKilling) killTree();
    },
  });
  const writer = startTagWriter(workspace, indexFile, `group-${number}`, TAGS);
  const results = await Promise.all([tag(workspace, indexFile), search('circle'), search('-red "blue square"')]);
  const last = await killed;
  await writer.ended;
  for (const result of isKilling ? results : [...results, last]) {
    if (!checkEnd(context, number, 'a command', result)) continue;
    if (result.code !== 0) tally.fail('wrong', number, `exit code ${result.code}: ${lastLines(result)}`);
  }
  if (writer.stored.size < TAGS) {
    tally.fail('wrong', number, `${writer.stored.size} of ${TAGS} manual tags set: ${writer.errors().slice(0, 300)}`);
  }
  tally.try();
  await checkIndex(context, { workspace, indexFile, number, manualTags: writer.stored });
}
