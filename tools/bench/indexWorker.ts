/**
 * A worker that indexes as the extension does. It is a separate process, so that its memory and event loop are the
 * library's.
 */
import { createInference, openModelFolder } from '../../src/clip/index.ts';
import { openLibrary, updateIndex } from '../../src/library/index.ts';
import { watchEventLoop, type LongestBlock } from '../shared/eventLoop.ts';
import { processMemory } from './processMemory.ts';
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
      parentBytes: (await processMemory(process.pid))?.peak ?? null,
      childBytes: (await processMemory(processId))?.peak ?? null,
    } satisfies IndexingResult;
  },
};

serve(tasks);
