/**
 * `npm run soak [-- --minutes 60] [--images 100000] [--seed 1] [--short] [--profiles FOLDER]`: opens a workspace of
 * many images in VS Code, changes images at random, and prints how memory and the longest block of the event loop
 * develop. The exit code is 1 if an image is lost or a target is missed. --short takes about two minutes with few
 * images, and checks only that no image is lost.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { drawing } from '../../tools/shared/drawing.ts';
import { provideEditor } from '../../tools/vscodeHost/provideEditor.ts';
import { bundleSuite } from './bundle.ts';
import { runHeadless } from './headless.ts';
import { print } from './report.ts';
import type { SoakPlan, SoakReport } from './soak/plan.ts';
import { evaluateSoak } from './soak/evaluate.ts';

const root = path.resolve(import.meta.dirname, '../..');
const FILES_PER_FOLDER = 500;
/** Time to start the editor and to index the images, in addition to the time of the changes. */
const START_MILLISECONDS = 15 * 60_000;
const INDEX_MILLISECONDS_PER_IMAGE = 30;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    images: { type: 'string' },
    seed: { type: 'string', default: '1' },
    short: { type: 'boolean', default: false },
    profiles: { type: 'string' },
  },
});
const isShort = values.short;
const images = Number(values.images ?? (isShort ? 300 : 100_000));
const minutes = Number(values.minutes ?? (isShort ? 0.75 : 60));

const bundled = path.join(root, `build/soak-${process.pid}`);
const scratch = await mkdtemp(path.join(tmpdir(), 'assetlens-soak-'));
try {
  process.exitCode = await main();
} finally {
  for (const folder of [scratch, bundled]) await rm(folder, { recursive: true, force: true });
}

async function main(): Promise<number> {
  const editor = await provideEditor();
  if (typeof editor === 'string') {
    print(`NO EDITOR: the soak did not run. ${editor}`);
    return process.env['ASSETLENS_REQUIRE_EDITOR'] === '1' ? 1 : 0;
  }
  const folder = path.join(scratch, 'workspace');
  await writeImages(folder);
  const plan: SoakPlan = {
    ...{ minutes, seed: Number(values.seed), report: path.join(scratch, 'report.json') },
    profiles: values.profiles === undefined ? null : path.resolve(values.profiles),
  };
  print(`Indexing ${images} images in the editor, and changing them for ${minutes} minutes …`);
  const { exitCode, log } = await runHeadless(editor, {
    extension: root,
    suite: await bundleSuite(bundled, 'soak'),
    folder,
    env: { ASSETLENS_SOAK: JSON.stringify(plan), ASSETLENS_INDEXES: path.join(scratch, 'indexes') },
    limitMilliseconds: START_MILLISECONDS + images * INDEX_MILLISECONDS_PER_IMAGE + 2 * minutes * 60_000,
  });
  const text = await readFile(plan.report, 'utf8').catch(() => null);
  if (text === null) {
    print(`No report: the extension host ended early (exit code ${exitCode}).\n${log.slice(-20).join('\n')}`);
    return 1;
  }
  const { table, problems } = evaluateSoak(JSON.parse(text) as SoakReport, isShort);
  print(table);
  for (const problem of problems) print(problem);
  return problems.length > 0 || exitCode !== 0 ? 1 : 0;
}

async function writeImages(folder: string): Promise<void> {
  for (let first = 0; first < images; first += FILES_PER_FOLDER) {
    const subfolder = path.join(folder, String(first / FILES_PER_FOLDER));
    await mkdir(subfolder, { recursive: true });
    const numbers = Array.from({ length: Math.min(FILES_PER_FOLDER, images - first) }, (_, i) => first + i);
    await Promise.all(numbers.map((i) => writeFile(path.join(subfolder, `${i}.svg`), drawing(i))));
  }
}
