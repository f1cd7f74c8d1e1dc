import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createInference, type ImageSource } from '../../src/clip/index.ts';
import { convertCheckpoint } from '../../src/clip/checkpoint/convert.ts';
import { installModel, type InstallOptions } from '../../src/clip/models/install.ts';
import { openModelFolder, type ModelFolder } from '../../src/clip/base/manifest.ts';
import { folderSource } from '../../src/clip/models/source.ts';
import { saveModel } from '../../src/clip/onnx/save.ts';
import { dot } from '../../src/clip/base/vectors.ts';
import {
  CONTEXT,
  EMBEDDING,
  graphsOf,
  laidOut,
  masked,
  SIZE,
  writeCheckpoint,
  writeImmich,
  writeOpenClip,
  writeTransformersJs,
  type Pair,
} from '../models/layouts.ts';
import { noiseImage } from '../models/noise.ts';

const hostScript = path.resolve(import.meta.dirname, '../../src/clip/runtime/host.ts');
const texts = [
  'a red dog',
  'cat',
  '',
  'a text of more words than the context of this encoder has room for, by far and away',
];

/** Images that are tall, wide, and of the encoder's own size. */
function noise(): Promise<ImageSource[]> {
  const sizes = [
    [40, 90],
    [120, 50],
    [SIZE, SIZE],
    [33, 64],
  ] as const;
  return Promise.all(sizes.map(([width, height], seed) => noiseImage(width, height, seed)));
}

interface Embedded {
  readonly images: readonly Float32Array[];
  readonly texts: readonly Float32Array[];
}

async function embed(model: ModelFolder, images: readonly ImageSource[]): Promise<Embedded> {
  await using inference = createInference({ model, hostScript });
  const outcomes = await inference.embedImages(images);
  const rows = await inference.embedTexts(texts);
  return {
    images: outcomes.map((outcome) => (outcome.ok ? outcome.embedding : assert.fail(outcome.reason))),
    texts: texts.map((_, i) => rows.subarray(i * EMBEDDING, (i + 1) * EMBEDDING)),
  };
}

describe('an installed model', function () {
  this.timeout(30_000);
  let root: string;
  let checkpoint: string;
  let out: string;
  let images: ImageSource[];
  let expected: Embedded;

  before(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'assetlens modèle '));
    checkpoint = path.join(root, 'checkpoint');
    await writeCheckpoint(checkpoint);
    images = await noise();
    expected = await embed(await convertCheckpoint(checkpoint, path.join(root, 'own'), { precision: 'fp32' }), images);
    // The comparison below would be meaningless if different inputs had the same embedding.
    for (const rows of [expected.images, expected.texts]) {
      rows.forEach((row, i) => {
        for (const other of rows.slice(i + 1)) assert.ok(dot(row, other) < 0.999, `${i}: ${dot(row, other)}`);
      });
    }
  });
  after(() => rm(root, { recursive: true }));
  beforeEach(() => {
    out = path.join(root, 'models', 'installed');
  });
  afterEach(() => rm(path.join(root, 'models'), { recursive: true, force: true }));

  const layout = (write: (folder: string) => Promise<void>): Promise<string> => laidOut(root, write);
  const install = async (folder: string, options: Partial<InstallOptions> = {}): Promise<ModelFolder> =>
    installModel(await folderSource(folder), out, { name: 'small', replace: false, ...options });
  const assertEmbedsAlike = async (model: ModelFolder, least = 0.9999): Promise<void> => {
    const theirs = await embed(model, images);
    for (const kind of ['images', 'texts'] as const) {
      expected[kind].forEach((row, i) => {
        const other = theirs[kind][i] ?? assert.fail();
        assert.ok(Math.abs(dot(other, other) - 1) < 1e-4, `${kind} ${i}: not a unit vector`);
        assert.ok(dot(row, other) > least, `${kind} ${i}: cosine ${dot(row, other)}`);
      });
    }
  };

  it('of transformers.js returns the embeddings of its weights', async () => {
    const model = await install(await layout((folder) => writeTransformersJs(checkpoint, folder)));
    await assertEmbedsAlike(model);
    const { manifest } = model;
    assert.match(manifest.id, /^small-[0-9a-f]{12}-fp32$/);
    assert.equal(manifest.licence, 'mit');
    assert.equal(manifest.embeddingSize, EMBEDDING);
    assert.equal(manifest.text.contextLength, CONTEXT);
    assert.deepEqual(manifest.image, {
      graph: 'visual/vision_model.onnx',
      tensors: {
        type: 'float32',
        input: 'pixel_values',
        output: 'image_embeds',
        batch: null,
        mean: [0.4, 0.5, 0.6],
        std: [0.2, 0.3, 0.25],
      },
      size: SIZE,
      resize: 'shortest',
      interpolation: 'bicubic',
      background: 'contrast',
    });
  });

  it('of transformers.js works in half precision', async () => {
    const model = await install(await layout((folder) => writeTransformersJs(checkpoint, folder)), {
      precision: 'fp16',
    });
    assert.equal(model.manifest.precision, 'fp16');
    await assertEmbedsAlike(model, 0.999);
  });

  it('of transformers.js receives an attention mask that covers the text', async () => {
    const change = ({ visual, textual }: Pair) => ({ visual, textual: masked(textual) });
    await assertEmbedsAlike(await install(await layout((folder) => writeTransformersJs(checkpoint, folder, change))));
  });

  it('of open_clip works in the layout of rclip, with the merges of its tokenizer', async () => {
    const model = await install(await layout((folder) => writeOpenClip(checkpoint, folder)));
    await assertEmbedsAlike(model);
    assert.equal(model.manifest.text.tensors?.length, CONTEXT);
  });

  for (const form of ['fixed', 'recent'] as const) {
    it(`of Immich works ${form === 'fixed' ? 'with a batch size of 1, float32 and int32' : 'with uint8 pixels and weights in separate files'}`, async () => {
      const model = await install(await layout((folder) => writeImmich(checkpoint, folder, form)));
      await assertEmbedsAlike(model);
      assert.equal(model.manifest.image.tensors?.batch, form === 'fixed' ? 1 : null);
    });
  }

  it('of a checkpoint is converted to all of our graphs', async () => {
    const model = await install(checkpoint, { precision: 'fp32' });
    await assertEmbedsAlike(model);
    assert.equal(model.manifest.image.tensors, undefined);
    assert.equal(model.manifest.licence, 'mit');
  });

  it('that was converted before is copied', async () => {
    const model = await install(path.join(root, 'own'));
    await assertEmbedsAlike(model);
    assert.equal(model.manifest.id, (await openModelFolder(path.join(root, 'own'))).manifest.id);
  });

  const mapsOf = async (model: ModelFolder) => {
    const log: string[] = [];
    await using inference = createInference({ model, hostScript, log: (line) => log.push(line) });
    const axis = (at: number): Float32Array => new Float32Array(EMBEDDING).map((_, i) => Number(i === at));
    const [image = assert.fail()] = images;
    const maps = [];
    for (const kind of ['where', 'why'] as const) {
      maps.push(await inference.heatmap(image, { kind, prompts: axis(0), background: axis(1) }));
    }
    const { heatmaps } = await inference.describe();
    return { maps, heatmaps, log };
  };

  for (const [name, write] of [
    ['transformers.js', (folder) => writeTransformersJs(checkpoint, folder)],
    ['open_clip', (folder) => writeOpenClip(checkpoint, folder)],
    ['Immich, one image at a time and unit rows', (folder) => writeImmich(checkpoint, folder, 'fixed')],
    ['Immich, with weights beside the graph', (folder) => writeImmich(checkpoint, folder, 'recent')],
  ] as readonly (readonly [string, (folder: string) => Promise<void>])[]) {
    it(`of ${name} has the heatmaps of its weights`, async () => {
      const { maps, heatmaps, log } = await mapsOf(await install(await layout(write)));
      assert.deepEqual(log, []);
      assert.deepEqual(heatmaps, { where: 'denseHead', why: 'backwardPass', because: null });
      const converted = await mapsOf(await openModelFolder(path.join(root, 'own')));
      for (const [i, map] of maps.entries()) {
        const reference = converted.maps[i] ?? assert.fail();
        assert.deepEqual([map.method, map.columns, map.rows], [reference.method, reference.columns, reference.rows]);
        const most = reference.values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
        for (const [cell, value] of reference.values.entries()) {
          const difference = Math.abs(value - (map.values[cell] ?? NaN));
          assert.ok(difference <= 1e-4 * most, `${map.method}, cell ${cell}: ${difference}`);
        }
      }
    });
  }

  /**
   * The layout of transformers.js with an image encoder that an exporter wrote
   * (test/parity/references/thirdPartyGraphs.py).
   */
  const exported = (name: string) =>
    layout(async (folder) => {
      await writeTransformersJs(checkpoint, folder);
      const fixture = path.join(import.meta.dirname, `../parity/fixtures/thirdPartyGraphs/${name}.onnx.gz`);
      await writeFile(path.join(folder, 'onnx/vision_model.onnx'), gunzipSync(await readFile(fixture)));
    });

  it('of an exporter makes a heatmap in one run', async () => {
    const { maps, log } = await mapsOf(await install(await exported('transformers-quickgelu.sdpa')));
    assert.deepEqual(
      maps.map(({ method }) => method),
      ['denseHead', 'backwardPass'],
    );
    assert.deepEqual(log, []);
  });

  it('with an unknown graph makes heatmaps by windows, and reports the reason once', async () => {
    const { maps, heatmaps, log } = await mapsOf(await install(await exported('openclip-gelu.fused')));
    assert.deepEqual(
      maps.map(({ method }) => method),
      ['slidingWindow', 'slidingWindow'],
    );
    assert.deepEqual(heatmaps, {
      where: 'slidingWindow',
      why: 'slidingWindow',
      because: 'its attention is one node (Attention)',
    });
    assert.deepEqual(log, [
      'Heatmaps of "small" use sliding windows, which take longer: its attention is one node (Attention).',
    ]);
  });

  it('does not run a graph that differs from its manifest', async () => {
    const model = await install(await layout((folder) => writeImmich(checkpoint, folder, 'fixed')));
    const { textual } = await graphsOf(checkpoint, 'transformersJs');
    await saveModel(textual, path.join(out, model.manifest.text.graph));
    await using inference = createInference({ model, hostScript });
    await assert.rejects(inference.embedTexts(['cat']), /does not match its manifest/);
    assert.ok((await inference.embedImages(images)).every(({ ok }) => ok));
  });
});
