import { mkdir, readdir, rename, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lastLines } from '../command.ts';
import { drawing } from '../../shared/drawing.ts';
import { baseImage } from '../images/baseImages.ts';
import { checkEnd, createWorkspace, tag, type Workspace } from '../indexing/workspace.ts';
import { compareIndexes, readIndex } from '../indexContent.ts';
import { randomOf, type Random } from '../random.ts';
import type { Trial, TrialContext } from '../trial.ts';

const IMAGES = { full: 400, short: 133 };
const PAUSE_MILLISECONDS = 2;

/**
 * Changes, renames, truncates, removes and creates images while a command indexes them. The next command must find the
 * state that a new index finds.
 */
export const changesTrial: Trial = {
  name: 'changes',
  unit: 'runs during changes of files',
  cases: { full: 12, short: 1 },
  async run(context) {
    const workspace = await createWorkspace(context, IMAGES);
    for (const number of context.cases()) await tryChanges(context, workspace, number);
  },
};

async function tryChanges(context: TrialContext, workspace: Workspace, number: number): Promise<void> {
  const { folder, seed, tally } = context;
  const random = randomOf(seed, 'changes', number);
  const [changed, fresh] = ['changed', 'fresh'].map((name) => path.join(folder, `${name} ${number}`, 'index.db'));
  if (changed === undefined || fresh === undefined) return;
  const during = await tag(workspace, changed, {
    async beside({ hasEnded }) {
      for (let step = 0; !hasEnded(); step++) {
        await change(workspace.root, random, step);
        await sleep(PAUSE_MILLISECONDS);
      }
    },
  });
  if (checkEnd(context, number, 'the command during the changes', during) && during.code !== 0) {
    tally.fail('wrong', number, `exit code ${during.code} during the changes: ${lastLines(during)}`);
  }
  for (const indexFile of [changed, fresh]) {
    const result = await tag(workspace, indexFile);
    if (!checkEnd(context, number, 'the command after the changes', result)) return;
    if (result.code !== 0) tally.fail('wrong', number, `exit code ${result.code}: ${lastLines(result)}`);
  }
  tally.try();
  const [expected, actual] = [readIndex(fresh), readIndex(changed)];
  for (const { kind, what } of compareIndexes(expected, actual)) tally.fail(kind, number, what);
  for (const file of actual.failures.keys()) {
    if (!expected.failures.has(file)) tally.fail('wrong', number, `the failure of ${file} is out of date`);
  }
  for (const indexFile of [changed, fresh]) await rm(path.dirname(indexFile), { recursive: true, force: true });
}

/** Makes one random change to the images. */
async function change(root: string, random: Random, step: number): Promise<void> {
  const folder = path.join(root, `folder ${random.below(7)}`);
  await mkdir(folder, { recursive: true });
  const names = await readdir(folder);
  const file = path.join(folder, random.pick(names) ?? 'new.svg');
  const other = path.join(root, `folder ${random.below(7)}`, `${step} ${random.below(1e6)}.svg`);
  switch (random.below(7)) {
    case 0:
      return writeFile(file, drawing(100_000 + random.below(1e6)));
    case 1:
      return writeFile(other, drawing(200_000 + random.below(1e6)));
    case 2:
      return rename(file, path.join(folder, `renamed ${step} ${random.below(1e6)}${path.extname(file)}`)).catch(
        ifMissing,
      );
    case 3:
      return truncate(file, random.below(200)).catch(ifMissing);
    case 4:
      return names.length > 30 ? rm(file, { force: true }) : undefined;
    case 5:
      return writeFile(file, await baseImage('png', random.below(10_000)));
    default:
      return writeFile(file, '');
  }
}

function ifMissing(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
}
