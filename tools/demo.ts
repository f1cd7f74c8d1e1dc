/**
 * `npm run demo`: tags and searches a sample workspace of 500 images with the bundled model, offline. Beside each
 * search result it prints the name of the picture in its icon set, which AssetLens does not know.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { table } from '../src/cli/output.ts';
import { assembleSample } from './shared/sampleWorkspace.ts';

const root = path.resolve(import.meta.dirname, '..');
const cli = path.join(root, 'dist/cli.js');
const searches = ['shopping cart', 'time', 'emoji face -smile'];
const RESULTS = 5;
/** The bundled model, even where the user has chosen another one. */
const MODEL = 'assetlens-icons';

const start = performance.now();
const { folder, names } = await assembleSample(path.join(root, '.demo/sample workspace'));
await mkdir(path.join(folder, '.assetlens'), { recursive: true }); // keeps the index with the sample
console.log(`A sample workspace of ${names.size} icons, emoji and illustrations: ${path.relative(root, folder)}\n`);

console.log('assetlens tag "sample workspace" --show 25\n');
const tag = spawn(process.execPath, [cli, 'tag', folder, '--model', MODEL, '--show', '25'], { stdio: 'inherit' });
const [code] = (await once(tag, 'exit')) as [number | null];
if (code !== 0) process.exit(code ?? 1);

for (const query of searches) {
  console.log(`\nassetlens search "sample workspace" "${query}"\n`);
  const args = [cli, 'search', folder, query, '--model', MODEL, '--json', '--quiet', '--top', String(RESULTS)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const results = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { path: string; score: number });
  const rows = results.map((result) => [result.score.toFixed(3), result.path, names.get(result.path) ?? '']);
  process.stdout.write(table(['score', 'image', 'name in its icon set'], rows).toString());
}
console.log(`\nDone in ${((performance.now() - start) / 1000).toFixed(1)} s.`);
