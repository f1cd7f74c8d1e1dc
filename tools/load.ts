/**
 * `npm run load [-- --images 100000]`: a folder of very many small images through everything that the editor does with it, in
 * this process as in the extension host: time, the longest block of the event loop, and memory. The images are of 32 × 32 pixels
 * as SVG, each different, so that the encoder looks at every one.
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
import { watchEventLoop } from './bench/eventLoop.ts';

const root = path.resolve(import.meta.dirname, '..');
const { values } = parseArgs({ options: { images: { type: 'string', default: '100000' } } });
const count = Number(values.images);
/** Files a folder. */
const FOLDER = 500;
const KEYS = ['what', 'seconds', 'longest block, ms (work)', 'memory, MB'];

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
  await measured('nothing changed', () => updateIndex(library));
  await writeFile(path.join(folder, '0/0.svg'), drawing(count + 1));
  await measured('one file changed, as the watcher tells', () =>
    updateIndex(library, { scan: { among: ['0/0.svg'] } }),
  );
  const { sets } = await readLabels(path.join(root, 'models/labels/default.yaml'));
  const labels = sets.map((set) => ({ ...set, templates: set.templates ?? templateSets.icon }));
  const tags = async (): Promise<TaggedImage[]> => {
    const images: TaggedImage[] = [];
    for await (const page of tagLibrary(library, labels, { guessFrom: 0.5 })) images.push(...page);
    return images;
  };
  await measured('tags of all images, the first time', tags);
  await measured('tags of all images, after a label changed', tags);
  await measured('the 50 images nearest to a text', () => search(library, 'a blue circle', { limit: 50 }));
  await measured('… and to another one', () => search(library, 'red square', { limit: 50 }));
  const preview = (name: string) => () => previewLabel(library, { name }, templateSets.icon, [0.1, 0.3, 0.5]);
  await measured('the preview of a label, the first time', preview('circle'));
  await measured('… and of another one', preview('square'));
  process.stdout.write(table(KEYS, rows));
} finally {
  await rm(path.dirname(folder), { recursive: true, force: true });
}

async function measured(what: string, work: () => Promise<unknown>): Promise<void> {
  const longestBlock = watchEventLoop();
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1000;
  const block = longestBlock().workMilliseconds;
  rows.push([what, seconds.toFixed(2), block.toFixed(0), (process.memoryUsage().rss / 1e6).toFixed(0)]);
  process.stderr.write(`${what}: ${seconds.toFixed(2)} s\n`);
}

async function writeImages(): Promise<void> {
  for (let first = 0; first < count; first += FOLDER) {
    const place = path.join(folder, String(first / FOLDER));
    await mkdir(place, { recursive: true });
    const files = Array.from({ length: Math.min(FOLDER, count - first) }, (_, i) => first + i);
    await Promise.all(files.map((i) => writeFile(path.join(place, `${i % FOLDER}.svg`), drawing(i))));
  }
}

/** A shape whose colour, place and size follow from its number. */
function drawing(number: number): string {
  const random = (of: number): number => (Math.imul(number + 1, 2654435761 + of * 40503) >>> 8) % 1000;
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
