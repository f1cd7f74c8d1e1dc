import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ModelFolder } from '../../src/clip/index.ts';
import { median } from '../shared/statistics.ts';
import type { IndexingResult, tasks as IndexTasks } from './indexWorker.ts';
import { hostScript } from './models.ts';
import { perSecond, type Row } from './table.ts';
import { startWorker } from './worker.ts';

/** Measures the indexing of a folder with the library, from the scan to the index on disk. */
export async function indexing(model: ModelFolder, root: string, rounds: number): Promise<Row[]> {
  const results: IndexingResult[] = [];
  for (let round = 0; round < rounds; round++) results.push(await indexOnce(model, root));
  const medianOf = (pick: (result: IndexingResult) => number): number => median(results.map(pick));
  const [first] = results;
  const images = first?.images ?? 0;
  const memory = (pick: (result: IndexingResult) => number | null): string => {
    const known = results.map(pick).filter((bytes) => bytes !== null);
    return known.length ? `${(median(known) / 1e6).toFixed(0)} MB` : 'unknown';
  };
  const skipped = first?.failed ? `, ${first.failed} skipped` : '';
  return [
    {
      title: `indexing a folder of ${images} images with the library${skipped}`,
      ours: perSecond(images, { median: medianOf((r) => r.seconds), best: Math.min(...results.map((r) => r.seconds)) }),
    },
    { title: '… again, without changes', ours: `${(medianOf((r) => r.unchangedSeconds) * 1000).toFixed(0)} ms` },
    {
      title: '… longest block of the event loop in the parent, CPU time',
      ours: `${medianOf((r) => r.block.workMilliseconds).toFixed(1)} ms`,
      target: '≤ 20 ms',
    },
    {
      title: '… elapsed time, including waits for a core',
      ours: `${medianOf((r) => r.block.wallMilliseconds).toFixed(0)} ms`,
    },
    { title: '… peak memory of the parent', ours: memory((r) => r.parentBytes) },
    { title: '… peak memory of the inference process', ours: memory((r) => r.childBytes) },
  ];
}

async function indexOnce(model: ModelFolder, root: string): Promise<IndexingResult> {
  const folder = await mkdtemp(path.join(tmpdir(), 'assetlens-bench-'));
  await using worker = startWorker<typeof IndexTasks>(new URL('indexWorker.ts', import.meta.url));
  try {
    const indexFile = path.join(folder, 'index.db');
    return await worker.ask('index', { root, indexFile, modelFolder: model.folder, hostScript });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
