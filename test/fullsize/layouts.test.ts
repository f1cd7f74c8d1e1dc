/**
 * A ViT-B/32 of full size with random weights in every layout. Names, types, shapes, sizes and speed equal those of
 * real models. `npm run fullsize` takes two minutes on two idle cores and needs 3 GB of disk space.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WEIGHT_DEVIATION } from '../../tools/shared/randomCheckpoint.ts';
import { createInference, type ImageSource } from '../../src/clip/index.ts';
import { installModel, type InstallOptions } from '../../src/clip/models/install.ts';
import type { ModelFolder } from '../../src/clip/base/manifest.ts';
import { folderSource } from '../../src/clip/models/source.ts';
import { dot } from '../../src/clip/base/vectors.ts';
import {
  FULL_SIZE,
  laidOut,
  writeCheckpoint,
  writeImmich,
  writeOpenClip,
  writeTransformersJs,
} from '../models/layouts.ts';
import { noiseImage } from '../models/noise.ts';

const hostScript = path.resolve(import.meta.dirname, '../../src/clip/runtime/host.ts');
const TEXTS = ['a red dog', 'cat', 'a text of many words: '.repeat(30)];
const IMAGES = 16;

interface Embedded {
  readonly images: readonly Float32Array[];
  readonly texts: readonly Float32Array[];
}

describe('a ViT-B/32 of full size', function () {
  this.timeout(600_000);
  let root: string;
  let checkpoint: string;
  let images: readonly ImageSource[];
  let expected: Embedded;

  before(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'assetlens full size '));
    checkpoint = path.join(root, 'checkpoint');
    await writeCheckpoint(checkpoint, FULL_SIZE, WEIGHT_DEVIATION);
    images = await Promise.all(
      Array.from({ length: IMAGES }, (_, seed) => noiseImage(300 + 10 * seed, 420 - 10 * seed, seed)),
    );
    expected = await tried('a checkpoint, converted', await install(checkpoint, { precision: 'fp32' }));
  });
  after(() => rm(root, { recursive: true }));

  const install = async (folder: string, options: Partial<InstallOptions> = {}): Promise<ModelFolder> => {
    const out = path.join(root, 'installed');
    await rm(out, { recursive: true, force: true });
    return installModel(await folderSource(folder), out, { name: 'b32', replace: false, ...options });
  };

  /** Embeds all images and texts, makes a heatmap of each kind, and prints the time. */
  async function tried(name: string, model: ModelFolder): Promise<Embedded> {
    await using inference = createInference({ model, hostScript });
    await inference.embedImages(images.slice(0, 1)); // loads the encoder
    const [rows, textMilliseconds] = await timed(async () => inference.embedTexts(TEXTS));
    const [outcomes, imageMilliseconds] = await timed(() => inference.embedImages(images));
    const columns = model.manifest.embeddingSize;
    const axis = (at: number): Float32Array => new Float32Array(columns).map((_, i) => Number(i === at));
    const [image = assert.fail()] = images;
    for (const kind of ['where', 'why'] as const) {
      await inference.heatmap(image, { kind, prompts: axis(0), background: axis(1) });
    }
    const { heatmaps } = await inference.describe();
    assert.deepEqual(heatmaps, { where: 'denseHead', why: 'backwardPass', because: null });
    const figures = [
      `${Math.round((await bytesIn(model.folder)) / 1e6)} MB`,
      `${((1000 * IMAGES) / imageMilliseconds).toFixed(1)} images/s`,
      `texts ${Math.round(textMilliseconds)} ms, the encoder's loading included`,
    ];
    process.stdout.write(`    ${name}: ${figures.join(', ')}\n`);
    return {
      images: outcomes.map((outcome) => (outcome.ok ? outcome.embedding : assert.fail(outcome.reason))),
      texts: TEXTS.map((_, i) => rows.subarray(i * columns, (i + 1) * columns)),
    };
  }

  for (const [name, write, options, least] of [
    ['transformers.js', (folder) => writeTransformersJs(checkpoint, folder), {}, 0.9999],
    [
      'transformers.js, in half precision',
      (folder) => writeTransformersJs(checkpoint, folder),
      { precision: 'fp16' },
      0.999,
    ],
    ['open_clip, as rclip has it', (folder) => writeOpenClip(checkpoint, folder), {}, 0.9999],
    ['Immich, one image at a time', (folder) => writeImmich(checkpoint, folder, 'fixed'), {}, 0.9999],
    ['Immich, with weights beside the graphs', (folder) => writeImmich(checkpoint, folder, 'recent'), {}, 0.9999],
  ] as readonly (readonly [string, (folder: string) => Promise<void>, Partial<InstallOptions>, number])[]) {
    it(`in the layout of ${name} gives the embeddings of its checkpoint, and makes a heatmap in one run`, async () => {
      const theirs = await tried(name, await install(await laidOut(root, write), options));
      for (const kind of ['images', 'texts'] as const) {
        expected[kind].forEach((row, i) => {
          const cosine = dot(row, theirs[kind][i] ?? assert.fail());
          assert.ok(cosine > least, `${kind} ${i}: cosine ${cosine}`);
        });
      }
    });
  }

  it('gives different embeddings for different inputs', () => {
    for (const rows of [expected.images, expected.texts]) {
      rows.forEach((row, i) => {
        for (const other of rows.slice(i + 1)) assert.ok(dot(row, other) < 0.999, `${i}: ${dot(row, other)}`);
      });
    }
  });
});

async function timed<T>(work: () => Promise<T>): Promise<readonly [T, number]> {
  const start = performance.now();
  return [await work(), performance.now() - start];
}

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true });
  const sizes = await Promise.all(entries.map((entry) => stat(path.join(folder, entry)).then(({ size }) => size)));
  return sizes.reduce((sum, size) => sum + size, 0);
}
