/** Indexing as the extension does it, in a process of its own: what its memory and its event loop show is the library's. */
import { readFile } from 'node:fs/promises';
import { createInference, openModelFolder } from '../src/clip/index.ts';
import { openLibrary, updateIndex } from '../src/library/index.ts';
import { serve } from './worker.ts';

export interface IndexingResult {
  readonly images: number;
  readonly failed: number;
  readonly seconds: number;
  /** Of an update that finds nothing to do. */
  readonly unchangedSeconds: number;
  readonly block: LongestBlock;
  /** Highest resident memory; null where the system does not say. */
  readonly parentBytes: number | null;
  readonly childBytes: number | null;
}

/** The longest time that the event loop did not turn. */
export interface LongestBlock {
  /** By the clock: work of this process, and time in which others had the cores. */
  readonly wallMilliseconds: number;
  /** The processor time of this thread between two turns: work alone. */
  readonly workMilliseconds: number;
}

export const tasks = {
  async index({
    root,
    indexFile,
    modelFolder,
    hostScript,
  }: Record<'root' | 'indexFile' | 'modelFolder' | 'hostScript', string>) {
    const model = await openModelFolder(modelFolder);
    await using inference = createInference({ model, hostScript });
    await using library = await openLibrary({ root, indexFile, inference });
    // The first turns of a process are spent on loading modules: they are over before anybody works in an editor.
    const { processId } = await inference.describe();
    const longestBlock = watchEventLoop();
    const start = performance.now();
    const summary = await updateIndex(library);
    const indexed = performance.now();
    const block = longestBlock();
    await updateIndex(library);
    return {
      images: summary.embedded,
      failed: summary.failures.length,
      seconds: (indexed - start) / 1000,
      unchangedSeconds: (performance.now() - indexed) / 1000,
      block,
      parentBytes: await peakMemory(process.pid),
      childBytes: await peakMemory(processId),
    } satisfies IndexingResult;
  },
};

/** @returns a function that ends the watch and tells what it saw */
function watchEventLoop(): () => LongestBlock {
  let wallMilliseconds = 0;
  let workMilliseconds = 0;
  let turned = performance.now();
  let worked = process.threadCpuUsage();
  const timer = setInterval(() => {
    const now = performance.now();
    const { user, system } = process.threadCpuUsage(worked);
    wallMilliseconds = Math.max(wallMilliseconds, now - turned);
    workMilliseconds = Math.max(workMilliseconds, (user + system) / 1000);
    turned = performance.now();
    worked = process.threadCpuUsage();
  }, 1);
  return () => {
    clearInterval(timer);
    return { wallMilliseconds, workMilliseconds };
  };
}

/** Highest resident memory of a process since it began its program, from Linux's /proc; getrusage counts that of its parent too. */
async function peakMemory(processId: number): Promise<number | null> {
  const status = await readFile(`/proc/${processId}/status`, 'utf8').catch(() => '');
  const [, kilobytes] = /^VmHWM:\s*(\d+) kB/m.exec(status) ?? [];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}

serve(tasks);
