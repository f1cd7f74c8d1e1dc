/**
 * `npm run load [-- --images 100000]`: runs what the editor does on a folder with very many images, and measures time,
 * the longest block of the event loop, and memory of this process. The images are distinct SVG files of 32 × 32 pixels,
 * so that each of them is embedded.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createInference, openModelFolder, templateSets } from '../src/clip/index.ts';
import { table } from '../src/cli/output.ts';
import {
  openLibrary,
  previewLabel,
  readLabels,
  search,
  tagLibrary,
  updateIndex,
  type TaggedImage,
} from '../src/library/index.ts';
import { watchEventLoop } from './shared/eventLoop.ts';

const root = path.resolve(import.meta.dirname, '..');
const { values } = parseArgs({ options: { images: { type: 'string', default: '100000' } } });
const count = Number(values.images);
const FILES_PER_FOLDER = 500;
const HEADINGS = ['operation', 'seconds', 'longest block, ms (work)', 'memory, MB'];

const folder = path.join(await mkdtemp(path.join(tmpdir(), 'assetlens load ')), 'many images ü');
const rows: (string | number)[][] = [];
try {
  await writeImages();
  const model = await openModelFolder(path.join(root, 'dist/models/assetlens-icons'));
  await using inference = createInference({ model, hostScript: path.join(root, 'dist/inference.js') });
  await using library = await openLibrary({
    ...{ root: folder, inference, indexFile: path.join(path.dirname(folder), 'index.db') },
  });
  await inference.describe();
  await measured(`index ${count} images`, () => updateIndex(library));
  await measured('update without changes', () => updateIndex(library));
  await writeFile(path.join(folder, '0/0.svg'), drawing(count + 1));
  await measured('update after one file changed, as the watcher reports', () =>
    updateIndex(library, { scan: { among: ['0/0.svg'] } }),
  );
  const { sets } = await readLabels(path.join(root, 'models/labels/default.yaml'));
  const labels = sets.map((set) => ({ ...set, templates: set.templates ?? templateSets.icon }));
  const tags = async (): Promise<TaggedImage[]> => {
    const images: TaggedImage[] = [];
    for await (const page of tagLibrary(library, labels, { maybeFrom: 0.5 })) images.push(...page);
    return images;
  };
  await measured('tags of all images, the first time', tags);
  await measured('tags of all images, after a label changed', tags);
  await measured('search for the best 50 images', () => search(library, 'a blue circle', { limit: 50 }));
  await measured('… for another text', () => search(library, 'red square', { limit: 50 }));
  const preview = (name: string) => () => previewLabel(library, { name }, templateSets.icon, [0.1, 0.3, 0.5]);
  await measured('preview of a label, the first time', preview('circle'));
  await measured('… of another label', preview('square'));
  process.stdout.write(table(HEADINGS, rows).toString());
} finally {
  await rm(path.dirname(folder), { recursive: true, force: true });
}

async function measured(operation: string, work: () => Promise<unknown>): Promise<void> {
  const longestBlock = watchEventLoop();
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1000;
  const block = longestBlock().workMilliseconds;
  rows.push([operation, seconds.toFixed(2), block.toFixed(0), (process.memoryUsage().rss / 1e6).toFixed(0)]);
  process.stderr.write(`${operation}: ${seconds.toFixed(2)} s\n`);
}

async function writeImages(): Promise<void> {
  for (let first = 0; first < count; first += FILES_PER_FOLDER) {
    const subfolder = path.join(folder, String(first / FILES_PER_FOLDER));
    await mkdir(subfolder, { recursive: true });
    const files = Array.from({ length: Math.min(FILES_PER_FOLDER, count - first) }, (_, i) => first + i);
    await Promise.all(files.map((i) => writeFile(path.join(subfolder, `${i % FILES_PER_FOLDER}.svg`), drawing(i))));
  }
}

/** An SVG of a shape whose kind, colour, position and size depend on its number. */
function drawing(number: number): string {
  const random = (salt: number): number => (Math.imul(number + 1, 2654435761 + salt * 40503) >>> 8) % 1000;
  const [x, y, size] = [8 + (random(1) % 16), 8 + (random(2) % 16), 4 + (random(3) % 8)];
  const fill = `hsl(${random(4) % 360} ${40 + (random(5) % 60)}% ${30 + (random(6) % 40)}%)`;
  const shapes = [
    `<circle cx="${x}" cy="${y}" r="${size}" fill="${fill}"/>`,
    `<rect x="${x - size}" y="${y - size}" width="${2 * size}" height="${size + 4}" fill="${fill}"/>`,
    `<path d="M${x} ${y - size}L${x + size} ${y + size}H${x - size}z" fill="${fill}"/>`,
  ];
  const shape = shapes[number % shapes.length] ?? '';
  return `<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32" viewBox="0 0 32 32">${shape}<!--${number}--></svg>`;
}
