import { link, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { placeCanary, type Canary } from '../canary.ts';
import { hasCrashed, lastLines, runCommand, type CommandResult } from '../command.ts';
import { isolatedEnvironment } from '../environment.ts';
import { baseImage, FORMATS } from '../images/baseImages.ts';
import { writeCase, type CorpusCase } from '../images/corpus.ts';
import { embeddingProblem, readIndex, type IndexContent } from '../indexContent.ts';
import { startListener, type Listener } from '../listener.ts';
import type { FailureKind, Trial, TrialContext } from '../trial.ts';

/** Hostile images of one command. Small, so that a hang can be attributed to few cases. */
const BATCH = 100;
/** Good images among them. */
const GOOD = 2 * FORMATS.length;
/** A case takes at most the time limit of one image, and several are decoded at once. */
const LIMIT_MILLISECONDS = 300_000;
/** Part of the reason of an image that was decoded for too long. */
const TIMEOUT = 'took longer than';
const NO_ROWS: IndexContent = {
  files: new Map(),
  embeddings: new Map(),
  failures: new Map(),
  manualTags: new Map(),
};

/**
 * Indexes hostile images among good ones. Each hostile image must be reported exactly once, as tagged or with a
 * reason. Every image that gets an embedding must get the same one without the others. Nothing outside may be read.
 */
export const imagesTrial: Trial = {
  name: 'images',
  unit: 'hostile images',
  cases: { full: 1200, short: 120 },
  hasMemoryBudget: true,
  async run(context) {
    const { folder, cases } = context;
    await using listener = await startListener();
    const canary = await placeCanary(path.join(folder, 'outside'), await baseImage('png', 4242));
    const trial: ImagesTrial = { ...context, listener, canary, environment: await isolatedEnvironment(folder) };
    const good = await indexGoodImages(trial);
    let batch: number[] = [];
    for (const number of cases()) {
      batch.push(number);
      if (batch.length < BATCH) continue;
      await runBatch(trial, batch, good);
      batch = [];
    }
    if (batch.length > 0) await runBatch(trial, batch, good);
  },
};

interface ImagesTrial extends TrialContext {
  readonly listener: Listener;
  readonly canary: Canary;
  readonly environment: Record<string, string>;
}

/** Indexes the good images alone. @returns their rows, which are known to be right */
async function indexGoodImages(trial: ImagesTrial): Promise<IndexContent> {
  const root = path.join(trial.folder, 'good');
  await writeGoodImages(root);
  const result = await tag(trial, root, 'good.db');
  const content = indexAt(trial, 'good.db');
  if (result.code !== 0 || content.files.size !== GOOD) {
    throw new Error(`The good images cannot be indexed: ${lastLines(result)}`);
  }
  return content;
}

async function writeGoodImages(root: string): Promise<void> {
  await mkdir(path.join(root, 'good'), { recursive: true });
  for (let i = 0; i < GOOD; i++) {
    const format = FORMATS[i % FORMATS.length] ?? 'png';
    await writeFile(path.join(root, `good/${i}.${format}`), await baseImage(format, 10_000 + i));
  }
}

async function runBatch(trial: ImagesTrial, numbers: readonly number[], good: IndexContent): Promise<void> {
  await findCause(trial, numbers, good);
  trial.tally.try(numbers.length);
}

/**
 * Tries cases together. If the command crashes, or reads something outside, each half is tried again to find the case.
 * @returns whether the command crashed or read something outside
 */
async function findCause(trial: ImagesTrial, numbers: readonly number[], good: IndexContent): Promise<boolean> {
  const problems = await tryCases(trial, numbers, good);
  if (problems.length === 0) return false;
  const middle = numbers.length >> 1;
  const halves = numbers.length > 1 ? [numbers.slice(0, middle), numbers.slice(middle)] : [];
  let isFound = false;
  for (const half of halves) if (await findCause(trial, half, good)) isFound = true;
  if (isFound) return true;
  const [first = 0, last = 0] = [numbers.at(0), numbers.at(-1)];
  const among = numbers.length > 1 ? `only together, cases ${first} to ${last}: ` : '';
  for (const { kind, what } of problems) trial.tally.fail(kind, first, among + what);
  return true;
}

interface Problem {
  readonly kind: FailureKind;
  readonly what: string;
}

/** @returns problems of the command, which does not tell their case */
async function tryCases(trial: ImagesTrial, numbers: readonly number[], good: IndexContent): Promise<Problem[]> {
  const { folder, seed, canary, listener, tally } = trial;
  const root = path.join(folder, 'mixed');
  const outside = { listener: listener.address, text: canary.text, image: canary.image };
  const written: CorpusCase[] = [];
  try {
    await writeGoodImages(root);
    for (const number of numbers) written.push(await writeCase(root, { seed, number, outside, canary }));
    const how = written.length === 1 ? `${written[0]?.how ?? ''}: ` : '';
    const result = await tag(trial, root, 'mixed.db');
    tally.memory(result.peak);
    const problems: Problem[] = [];
    if (hasCrashed(result)) problems.push({ kind: 'crashed', what: how + lastLines(result) });
    else if (!result.isHung && result.code !== 0) problems.push({ kind: 'wrong', what: how + lastLines(result) });
    for (const connection of listener.takeConnections()) {
      problems.push({ kind: 'outside', what: `${how}a connection to the listener: ${JSON.stringify(connection)}` });
    }
    for (const problem of await canary.problems(result.stdout + result.stderr)) {
      problems.push({ kind: 'outside', what: how + problem });
    }
    if (result.isHung) reportUnfinished(trial, written, contentLeft(trial));
    else if (problems.length === 0) await checkBatch(trial, written, good, result, indexAt(trial, 'mixed.db'));
    return problems;
  } finally {
    for (const { close } of written) close?.();
    for (const name of ['mixed', 'alone', 'mixed.db', 'alone.db']) {
      await rm(path.join(folder, name), { recursive: true, force: true });
    }
  }
}

async function checkBatch(
  trial: ImagesTrial,
  written: readonly CorpusCase[],
  good: IndexContent,
  result: CommandResult,
  content: IndexContent,
): Promise<void> {
  const { tally } = trial;
  const lines = result.stdout.split('\n').filter(Boolean);
  const reported = lines.map((line) => (JSON.parse(line) as { path: string }).path);
  for (const { number, prefix, how, isImage } of written) {
    const times = reported.filter((file) => file.startsWith(prefix)).length;
    if (isImage && times === 0) tally.fail('lost', number, `not reported: ${how}`);
    if (isImage && times > 1) tally.fail('wrong', number, `reported ${times} times: ${how}`);
  }
  const [first] = written;
  for (const [file, hash] of good.files) {
    if (content.files.get(file) !== hash) tally.fail('lost', first?.number ?? 0, `the good image ${file} is missing`);
    const problem = embeddingProblem(good.embeddings.get(hash), content.embeddings.get(hash));
    if (problem)
      tally.fail(problem.kind, first?.number ?? 0, `the embedding of the good image ${file} ${problem.what}`);
  }
  for (const [file, hash] of content.files) {
    if (hash !== trial.canary.imageHash) continue;
    tally.fail('outside', Number.parseInt(file, 10), `the image outside is indexed as ${JSON.stringify(file)}`);
  }
  await checkAlone(trial, written, content);
}

/** Indexes the images that have an embedding again, without those that have none. */
async function checkAlone(trial: ImagesTrial, written: readonly CorpusCase[], content: IndexContent): Promise<void> {
  const { folder, tally } = trial;
  const root = path.join(folder, 'alone');
  const names = new Map<string, { readonly hash: string; readonly case: CorpusCase }>();
  for (const [file, hash] of content.files) {
    const from = written.find(({ prefix }) => file.startsWith(prefix));
    if (!from || file.includes('\ufffd')) continue;
    const name = `${names.size}${path.extname(file).toLowerCase()}`;
    await mkdir(root, { recursive: true });
    await link(path.join(folder, 'mixed', file), path.join(root, name));
    names.set(name, { hash, case: from });
  }
  if (names.size === 0) return;
  const result = await tag(trial, root, 'alone.db');
  const alone = indexAt(trial, 'alone.db');
  if (result.code !== 0) tally.fail('wrong', written[0]?.number ?? 0, `images alone: ${lastLines(result)}`);
  for (const [name, { hash, case: from }] of names) {
    // An image that takes nearly the whole limit may exceed it in one of the runs.
    if (alone.failures.get(name)?.includes(TIMEOUT)) continue;
    const problem = embeddingProblem(alone.embeddings.get(hash), content.embeddings.get(hash));
    if (problem) tally.fail(problem.kind, from.number, `the embedding among others ${problem.what}: ${from.how}`);
  }
}

function reportUnfinished({ tally }: ImagesTrial, written: readonly CorpusCase[], content: IndexContent): void {
  const done = [...content.files.keys(), ...content.failures.keys()];
  for (const { number, prefix, how, isImage } of written) {
    if (isImage && !done.some((file) => file.startsWith(prefix))) tally.fail('hung', number, `not finished: ${how}`);
  }
}

function tag({ folder, environment }: ImagesTrial, root: string, index: string): Promise<CommandResult> {
  const args = ['tag', root, '--json', '--index', path.join(folder, index)];
  return runCommand(args, { environment, limitMilliseconds: LIMIT_MILLISECONDS });
}

function indexAt({ folder }: ImagesTrial, index: string): IndexContent {
  return readIndex(path.join(folder, index));
}

/** The content of an index that an ended command may have left incomplete or not created. */
function contentLeft(trial: ImagesTrial): IndexContent {
  try {
    return indexAt(trial, 'mixed.db');
  } catch {
    return NO_ROWS;
  }
}
