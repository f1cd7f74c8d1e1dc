import { rm } from 'node:fs/promises';
import path from 'node:path';
import { writeCheckpoint } from '../../shared/smallCheckpoint.ts';
import { lastLines, runCommand, type CommandResult } from '../command.ts';
import { createSmallDisk, type SmallDisk } from '../disk.ts';
import { checkEnd, checkIndex, createWorkspace, tag, type Workspace } from '../indexing/workspace.ts';
import { randomOf } from '../random.ts';
import type { Trial, TrialContext } from '../trial.ts';

const IMAGES = { full: 300, short: 100 };
const LIMIT_MILLISECONDS = 120_000;

/**
 * Fills a small disk with an index or with a model. The command must end with a clear error, and do its work after
 * there is room.
 */
export const fullDiskTrial: Trial = {
  name: 'full-disk',
  unit: 'full disks',
  cases: { full: 16, short: 2 },
  async run(context) {
    const workspace = await createWorkspace(context, IMAGES);
    const checkpoint = path.join(context.folder, 'checkpoint');
    await writeCheckpoint(checkpoint);
    for (const number of context.cases()) {
      const random = randomOf(context.seed, 'full-disk', number);
      const kilobytes = random.between(40, 900);
      const disk = await createSmallDisk(path.join(context.folder, 'disk'), kilobytes);
      if (disk.fileSizeLimit !== undefined && number === 0) {
        context.tally.note('no disk could be mounted, so the size of files was limited instead');
      }
      try {
        if (number % 2 === 0) await fillWithIndex(context, workspace, disk, number);
        else await fillWithModel(context, { workspace, disk, number, checkpoint });
        context.tally.try();
      } finally {
        disk.remove();
        await rm(disk.folder, { recursive: true, force: true });
      }
    }
  },
};

async function fillWithIndex(
  context: TrialContext,
  workspace: Workspace,
  disk: SmallDisk,
  number: number,
): Promise<void> {
  const indexFile = path.join(disk.folder, 'index.db');
  const { fileSizeLimit } = disk;
  const result = await tag(workspace, indexFile, fileSizeLimit === undefined ? {} : { fileSizeLimit });
  checkRefusal(context, number, result);
  disk.enlarge();
  await checkIndex(context, { workspace, indexFile, number });
}

interface ModelCase {
  readonly workspace: Workspace;
  readonly disk: SmallDisk;
  readonly number: number;
  readonly checkpoint: string;
}

async function fillWithModel(context: TrialContext, { workspace, disk, number, checkpoint }: ModelCase): Promise<void> {
  const environment = { ...workspace.environment, ASSETLENS_MODELS: path.join(disk.folder, 'models') };
  const add = (fileSizeLimit?: number): Promise<CommandResult> =>
    runCommand(['models', 'add', checkpoint, '--name', 'own', '--yes', '--force'], {
      ...{ environment, limitMilliseconds: LIMIT_MILLISECONDS },
      ...(fileSizeLimit !== undefined && { fileSizeLimit }),
    });
  checkRefusal(context, number, await add(disk.fileSizeLimit));
  disk.enlarge();
  const result = await add();
  if (!checkEnd(context, number, 'the installation', result)) return;
  if (result.code !== 0) context.tally.fail('wrong', number, `exit code ${result.code}: ${lastLines(result)}`);
}

/** The command may fit on the disk. If it does not, it must say so. */
function checkRefusal(context: TrialContext, number: number, result: CommandResult): void {
  if (!checkEnd(context, number, 'the command on the full disk', result)) return;
  if (result.code === 0) return;
  const isClear =
    result.code === 1 && result.stderr.includes('assetlens: ') && /full|space|large|disk/i.test(result.stderr);
  if (!isClear) context.tally.fail('wrong', number, `unclear on a full disk: ${lastLines(result)}`);
}
