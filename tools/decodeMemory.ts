/**
 * `npm run decode:memory [-- --threads 1,2,3,8]` (Linux): measures the peak memory of both processes while they index
 * pictures whose decoders need much memory: large, interlaced, progressive, animated. Each picture is as large as the
 * default limits allow.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fork } from 'node:child_process';
import { parseArgs } from 'node:util';
import { table } from '../src/cli/output.ts';
import { writeLargePictures } from './decodeMemory/largePictures.ts';

const { values } = parseArgs({ options: { threads: { type: 'string', default: '1,2,3,8' } } });
const HEADINGS = ['decoding threads', 'embedded', 'left out', 'seconds', 'parent, MB', 'inference process, MB', 'both'];
const worker = path.join(import.meta.dirname, 'decodeMemory/indexWorker.ts');

const base = await mkdtemp(path.join(tmpdir(), 'assetlens memory '));
try {
  const [large, small] = [path.join(base, 'large'), path.join(base, 'small')];
  await Promise.all([mkdir(large), mkdir(small)]);
  await writeFile(path.join(small, 'a.svg'), '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
  await writeLargePictures(large);
  const rows = [await measure(small, 'one small picture', 1)];
  for (const threads of values.threads.split(',')) rows.push(await measure(large, threads, Number(threads)));
  process.stdout.write(table(HEADINGS, rows).toString());
} finally {
  await rm(base, { recursive: true, force: true });
}

/** Indexes a folder in new processes. */
async function measure(folder: string, name: string, threads: number): Promise<(string | number)[]> {
  const result = path.join(base, 'result.json');
  const child = fork(worker, [folder, path.join(base, `${name}.db`), String(threads), result], { execArgv: [] });
  const code = await new Promise((resolve) => child.once('exit', resolve));
  if (code !== 0) throw new Error(`The measurement of ${folder} ended with exit code ${String(code)}.`);
  return [name, ...(JSON.parse(await readFile(result, 'utf8')) as number[])];
}
