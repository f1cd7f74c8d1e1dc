/** Indexes a folder and writes the counts and the peak memory of both processes, in MB, as JSON. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInference, openModelFolder } from '../../src/clip/index.ts';
import { openLibrary, updateIndex } from '../../src/library/index.ts';

const [folder = '', indexFile = '', threads = '', result = ''] = process.argv.slice(2);
const root = path.resolve(import.meta.dirname, '../..');
const model = await openModelFolder(path.join(root, 'dist/models/assetlens-icons'));
const hostScript = path.join(root, 'dist/inference.js');
await using inference = createInference({ model, hostScript, decodeThreads: Number(threads) });
await using library = await openLibrary({ root: folder, inference, indexFile });
const { processId } = await inference.describe();
const start = performance.now();
const { embedded, failures } = await updateIndex(library);
const seconds = Math.round((performance.now() - start) / 1000);
for (const failure of failures) process.stderr.write(`${failure.path}: ${failure.reason}\n`);
const [own, other] = [await peakMegabytes('self'), await peakMegabytes(processId)];
await writeFile(result, JSON.stringify([embedded, failures.length, seconds, own, other, own + other]));

async function peakMegabytes(process: number | 'self'): Promise<number> {
  const status = await readFile(`/proc/${process}/status`, 'utf8');
  return Math.round((Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1]) * 1024) / 1e6);
}
