import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { writeCheckpoint } from '../../shared/smallCheckpoint.ts';
import { placeCanary } from '../canary.ts';
import { lastLines, runCommand, type CommandResult } from '../command.ts';
import { beforeCommands, checkCommand, checkError, checkOutside, type CommandCase } from '../commandCheck.ts';
import { isolatedEnvironment } from '../environment.ts';
import { drawing } from '../../shared/drawing.ts';
import { baseImage } from '../images/baseImages.ts';
import { inParallel } from '../inParallel.ts';
import { hostileModels, writeHostileModel } from '../models/hostileModels.ts';
import { randomOf } from '../random.ts';
import type { Trial, TrialContext } from '../trial.ts';

const LIMIT_MILLISECONDS = 30_000;
const WIDTH = 2;

/**
 * Adds hostile models from folders and searches with them. The installation or the search must end with a clear error,
 * read and write nothing outside, and leave no incomplete model.
 */
export const modelsTrial: Trial = {
  name: 'models',
  unit: 'hostile models',
  cases: { full: hostileModels.length, short: 8 },
  async run(context) {
    const { folder } = context;
    const sources = { checkpoint: path.join(folder, 'checkpoint'), own: path.join(folder, 'converted') };
    await writeCheckpoint(sources.checkpoint);
    const environment = await isolatedEnvironment(folder);
    const limits = { environment, limitMilliseconds: LIMIT_MILLISECONDS };
    const converted = await runCommand(['convert', sources.checkpoint, sources.own], limits);
    if (converted.code !== 0) throw new Error(`The checkpoint cannot be converted: ${lastLines(converted)}`);
    await inParallel(context.cases(), WIDTH, (number) => tryModel(context, sources, number));
  },
};

async function tryModel(
  { folder, seed, isShort, tally }: TrialContext,
  sources: { readonly checkpoint: string; readonly own: string },
  number: number,
): Promise<void> {
  // The step spreads the kinds over the short form.
  const hostile = hostileModels[(number * (isShort ? 13 : 1)) % hostileModels.length];
  if (!hostile) return;
  const own = path.join(folder, String(number));
  const images = path.join(own, 'images');
  await mkdir(images, { recursive: true });
  await writeFile(path.join(images, 'a.svg'), drawing(number));
  await writeFile(path.join(images, 'b.svg'), drawing(number + 1));
  const canary = await placeCanary(path.join(own, 'outside'), await baseImage('png', number));
  const model = path.join(own, 'model');
  await writeHostileModel(hostile, sources[hostile.layout], model, {
    random: randomOf(seed, 'models', number),
    canary,
  });
  const environment = await isolatedEnvironment(own);
  // A FIFO cannot be read for a snapshot; it is reported as a special file.
  const before = await beforeCommands(own, canary);
  const tried: CommandCase = { number, how: hostile.how, folder: own, canary, mayRead: hostile.followsLinks };
  const run = (...args: string[]): Promise<CommandResult> =>
    runCommand(args, { environment, limitMilliseconds: LIMIT_MILLISECONDS });
  const results = [await run('models', 'add', model, '--name', 'own', '--yes')];
  let hasEnded = results.every((result) => checkCommand(tally, tried, result));
  const isInstalled = results[0]?.code === 0;
  // A model folder of our own can also be used without an installation.
  for (const choice of [...(isInstalled ? ['own'] : []), ...(hostile.layout === 'own' ? [model] : [])]) {
    const search = await run(
      'search',
      images,
      'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!',
      '--model',
      choice,
      '--json',
    );
    results.push(search);
    hasEnded &&= checkCommand(tally, tried, search);
  }
  const list = await run('models', 'list');
  checkCommand(tally, tried, list);
  const last = results.at(-1);
  if (hasEnded && last && (last.code !== 0 || !hostile.mayPass)) checkError(tally, tried, last);
  await checkOutside(tally, tried, before, [...results, list]);
  tally.try();
  await rm(own, { recursive: true, force: true });
}
