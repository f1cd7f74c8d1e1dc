/** The entry point that VS Code calls in the extension host: indexes the workspace and changes its images at random. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { watchEventLoop } from '../../../tools/shared/eventLoop.ts';
import { randomOf } from '../../../tools/torture/random.ts';
import { residentMegabytes } from '../../../tools/torture/processes.ts';
import { services, workspaceFolder } from '../suite/extension.ts';
import { changeImages, imagesIn } from './changes.ts';
import type { SoakPlan, SoakReport, SoakSample } from './plan.ts';

const PAUSE_MILLISECONDS = 1000;
const POLL_MILLISECONDS = 500;
/** The watcher collects changes, and the indexer works on them. */
const SETTLE_MILLISECONDS = 120_000;

export async function run(): Promise<void> {
  const plan = JSON.parse(process.env['ASSETLENS_SOAK'] ?? '') as SoakPlan;
  const { folders, inference } = await services();
  const [folder] = folders.all();
  assert.ok(folder, 'there is no folder');
  const root = workspaceFolder().uri.fsPath;

  const start = performance.now();
  const blockOfIndexing = watchEventLoop();
  await vscode.commands.executeCommand('assetlens.tagWorkspace');
  const { wallMilliseconds: block, workMilliseconds: work } = blockOfIndexing();
  const indexing = { seconds: (performance.now() - start) / 1000, block, work };

  const random = randomOf(plan.seed, 'soak', 0);
  const samples: SoakSample[] = [];
  const begin = performance.now();
  let changes = 0;
  while (performance.now() - begin < plan.minutes * 60_000) {
    const longestBlock = watchEventLoop();
    changes += await changeImages(root, random);
    await sleep(PAUSE_MILLISECONDS);
    await folder.tags(); // as the Tags view does after each change
    const longest = longestBlock();
    samples.push({
      seconds: (performance.now() - begin) / 1000,
      host: process.memoryUsage.rss() / 1e6,
      inference: residentMegabytes((await (await inference()).describe()).processId),
      block: longest.wallMilliseconds,
      work: longest.workMilliseconds,
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
