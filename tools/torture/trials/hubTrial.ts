import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { writeCheckpoint } from '../../shared/smallCheckpoint.ts';
import { placeCanary } from '../canary.ts';
import { runCommand } from '../command.ts';
import { beforeCommands, checkCommand, checkError, checkOutside, type CommandCase } from '../commandCheck.ts';
import { isolatedEnvironment } from '../environment.ts';
import { hubFaults } from '../hub/faults.ts';
import { REPOSITORY, startHostileHub, type Files } from '../hub/hostileHub.ts';
import { baseImage } from '../images/baseImages.ts';
import { inParallel } from '../inParallel.ts';
import { startListener } from '../listener.ts';
import { randomOf } from '../random.ts';
import type { Trial, TrialContext } from '../trial.ts';

/** More than the sum of all time limits of a download, with its retries. */
const LIMIT_MILLISECONDS = 180_000;
/** Commands at a time; most of them wait. */
const WIDTH = 10;
const TOKEN = 'hf_a_token_that_only_the_hub_may_see';

/**
 * Adds a model from a hub that cuts, repeats, floods, redirects or lies. The command must end with a clear error, write
 * only the folders of models and of the cache, and install nothing.
 */
export const hubTrial: Trial = {
  name: 'hub',
  unit: 'hostile answers of a hub',
  cases: { full: hubFaults.length, short: 14 },
  async run(context) {
    const checkpoint = path.join(context.folder, 'checkpoint');
    await writeCheckpoint(checkpoint);
    const files: Record<string, Buffer> = {};
    for (const name of await readdir(checkpoint)) files[name] = await readFile(path.join(checkpoint, name));
    await inParallel(context.cases(), WIDTH, (number) => tryFault(context, files, number));
  },
};

async function tryFault({ folder, seed, isShort, tally }: TrialContext, files: Files, number: number): Promise<void> {
  const random = randomOf(seed, 'hub', number);
  const faults = isShort ? hubFaults.filter(({ isSlow }) => !isSlow) : hubFaults;
  // The step visits all faults, and spreads the kinds over the short form.
  const fault = faults[(number * (isShort ? 5 : 1)) % faults.length];
  if (!fault) return;
  const own = path.join(folder, String(number));
  await mkdir(own, { recursive: true });
  const canary = await placeCanary(path.join(own, 'outside'), await baseImage('png', number));
  await using listener = await startListener();
  await using hub = await startHostileHub(files, fault, { random, elsewhere: listener.address });
  const environment = { ...(await isolatedEnvironment(own)), HF_ENDPOINT: hub.address, HF_TOKEN: TOKEN };
  const before = await beforeCommands(own, canary);
  const result = await runCommand(['models', 'add', REPOSITORY, '--name', 'own', '--yes'], {
    ...{ environment, limitMilliseconds: LIMIT_MILLISECONDS },
  });
  const tried: CommandCase = { number, how: fault.how, folder: own, canary };
  tally.try();
  const hasEnded = checkCommand(tally, tried, result);
  if (hasEnded && !fault.mayPass) checkError(tally, tried, result);
  await checkOutside(tally, tried, before, [result]);
  // The lock of an installation may stay.
  const entries = await readdir(path.join(own, 'models')).catch(() => []);
  const installed = entries.filter((name) => !name.startsWith('.'));
  if (hasEnded && result.code !== 0 && installed.length > 0) {
    tally.fail('wrong', number, `${fault.how}: ${installed.join(', ')} is left in the folder of models`);
  }
  if (listener.takeConnections().some((request) => request.includes(TOKEN))) {
    tally.fail('outside', number, `${fault.how}: another server got the token`);
  }
  await rm(own, { recursive: true, force: true });
}
