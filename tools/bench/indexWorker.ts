/**
 * A worker that indexes as the extension does. It is a separate process, so that its memory and event loop are the
 * library's.
 */
import { readFile } from 'node:fs/promises';
import { createInference, openModelFolder } from '../../src/clip/index.ts';
import { openLibrary, updateIndex } from '../../src/library/index.ts';
import { watchEventLoop, type LongestBlock } from '../shared/eventLoop.ts';
import { serve } from './worker.ts';

export interface IndexingResult {
  readonly images: number;
  readonly failed: number;
  readonly seconds: number;
  /** The duration of an update without changes. */
  readonly unchangedSeconds: number;
  readonly block: LongestBlock;
  /** The highest resident memory; null on systems other than Linux. */
  readonly parentBytes: number | null;
  readonly childBytes: number | null;
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
    // The first turns of a process load modules, which an editor has done before indexing.
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

/**
 * The highest resident memory of a process, from /proc. The value of getrusage would include the parent's before the
 * fork.
 */
async function peakMemory(processId: number): Promise<number | null> {
  const status = await readFile(`/proc/${processId}/status`, 'utf8').catch(() => '');
  const [, kilobytes] = /^VmHWM:\s*(\d+) kB/m.exec(status) ?? [];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}

serve(tasks);
