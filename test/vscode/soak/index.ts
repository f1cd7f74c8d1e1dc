/** The entry point that VS Code calls in the extension host: indexes the workspace and changes its images at random. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { watchEventLoop, type LongestBlock } from '../../../tools/shared/eventLoop.ts';
import { randomOf } from '../../../tools/torture/random.ts';
import { residentMegabytes } from '../../../tools/torture/processes.ts';
import { services, workspaceFolder } from '../suite/extension.ts';
import { changeImages, imagesIn } from './changes.ts';
import { garbageCollector, startProfiler } from './engine.ts';
import { MOST_BLOCK, type SoakPlan, type SoakReport, type SoakSample } from './plan.ts';

const PAUSE_MILLISECONDS = 1000;
/** A garbage collection takes some time, so not every sample has one. */
const SAMPLES_PER_COLLECTION = 5;
const POLL_MILLISECONDS = 500;
/** The editor loads its own extensions for some seconds. */
const START_MILLISECONDS = 10_000;
/** The watcher collects changes, and the indexer works on them. */
const SETTLE_MILLISECONDS = 120_000;

export async function run(): Promise<void> {
  const plan = JSON.parse(process.env['ASSETLENS_SOAK'] ?? '') as SoakPlan;
  const { folders, inference } = await services();
  const [folder] = folders.all();
  assert.ok(folder, 'there is no folder');
  const root = workspaceFolder().uri.fsPath;

  await sleep(START_MILLISECONDS);
  const watch = await blockWatch(plan.profiles);
  const indexing = await watchedIndexing(watch);

  const collectGarbage = garbageCollector();
  const random = randomOf(plan.seed, 'soak', 0);
  const samples: SoakSample[] = [];
  const begin = performance.now();
  let changes = 0;
  while (performance.now() - begin < plan.minutes * 60_000) {
    const longestBlock = watch();
    changes += await changeImages(root, random);
    await sleep(PAUSE_MILLISECONDS);
    await folder.tags(); // as the Tags view does after each change
    const { wallMilliseconds: block, workMilliseconds: work } = await longestBlock();
    const isCollected = samples.length % SAMPLES_PER_COLLECTION === SAMPLES_PER_COLLECTION - 1;
    if (isCollected) collectGarbage();
    samples.push({
      ...{ seconds: (performance.now() - begin) / 1000, block, work },
      host: isCollected ? process.memoryUsage.rss() / 1e6 : null,
      inference: residentMegabytes((await (await inference()).describe()).processId),
    });
  }

  const onDisk = new Set(await imagesIn(root));
  let indexed = new Set<string>();
  const isRight = (): boolean => indexed.size === onDisk.size && [...onDisk].every((file) => indexed.has(file));
  for (const end = Date.now() + SETTLE_MILLISECONDS; Date.now() < end && !isRight();) {
    await sleep(POLL_MILLISECONDS);
    indexed = new Set((await folder.tags()).byPath.keys());
  }
  const report: SoakReport = {
    ...{ images: onDisk.size, changes, indexing, samples },
    missing: [...onDisk].filter((file) => !indexed.has(file)),
    outdated: [...indexed].filter((file) => !onDisk.has(file)),
  };
  await writeFile(plan.report, JSON.stringify(report));
}

/** Starts to watch the event loop. The returned function ends that. */
type BlockWatch = () => () => Promise<LongestBlock>;

/** @param profiles the folder for profiles of the blocks that are too long, or null */
async function blockWatch(profiles: string | null): Promise<BlockWatch> {
  const profiler = profiles === null ? undefined : await startProfiler(profiles);
  let count = 0;
  return () => {
    const longestBlock = watchEventLoop();
    return async () => {
      const longest = longestBlock();
      const milliseconds = Math.round(longest.workMilliseconds);
      count++;
      await profiler?.next(milliseconds > MOST_BLOCK ? `${count}-${milliseconds}ms.cpuprofile` : undefined);
      return longest;
    };
  };
}

/** Tags the workspace for the first time. */
async function watchedIndexing(watch: BlockWatch): Promise<SoakReport['indexing']> {
  const start = performance.now();
  const done = Promise.resolve(vscode.commands.executeCommand('assetlens.tagWorkspace')).then(() => true);
  let [block, work] = [0, 0];
  for (let isDone = false; !isDone;) {
    const longestBlock = watch();
    isDone = await Promise.race([done, sleep(PAUSE_MILLISECONDS, false)]);
    const longest = await longestBlock();
    block = Math.max(block, longest.wallMilliseconds);
    work = Math.max(work, longest.workMilliseconds);
  }
  return { seconds: (performance.now() - start) / 1000, block, work };
}
