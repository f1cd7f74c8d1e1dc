import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { below } from '../../src/clip/families/layers/parameters.ts';
import { readJson } from '../../src/clip/base/readJson.ts';
import { denseResNet } from '../../src/clip/families/clip/denseResNet.ts';
import { parseOpenClipConfig } from '../../src/clip/families/clip/openClipConfig.ts';
import type { Precision } from '../../src/clip/base/manifest.ts';
import { openCheckpoint } from '../../src/clip/checkpoint/checkpoint.ts';
import { checkpointGraphs, convertCheckpoint } from '../../src/clip/checkpoint/convert.ts';
import { readSafetensorsHeader } from '../../src/clip/checkpoint/safetensors.ts';
import { readFloats } from '../../src/clip/checkpoint/readFloats.ts';
import { saveModel } from '../../src/clip/onnx/save.ts';
import { type Feed, feed, fixtureFolder, readExpected, readRaw, runOutputs, unitRows } from './encodersFixture.ts';

const folder = fileURLToPath(new URL('fixtures/heatmaps', import.meta.url));
const bundledFolder = fileURLToPath(new URL('../../models/assetlens-icons', import.meta.url));
const precisions = ['fp32', 'fp16', 'int8'] as const;

/**
 * The largest difference from PyTorch: for elements of unit vectors, and for maps of shares as a fraction of their
 * largest value. Random weights in narrow layers are the hardest case for int8, see encoders.test.ts.
 */
const tolerance: Readonly<Record<Precision, { readonly element: number; readonly share: number }>> = {
  fp32: { element: 1e-5, share: 1e-5 },
  fp16: { element: 3e-2, share: 8e-2 },
  int8: { element: 0.2, share: 0.25 },
};

interface Reference {
  readonly images: number;
  readonly pixels: (image: number) => Feed;
  readonly text: Feed;
  /** The reference array of this name for one image. */
  readonly expected: (name: string, image: number) => Float32Array;
}

async function readReference(name: string): Promise<Reference> {
  const tensors = await readSafetensorsHeader(path.join(folder, `${name}.safetensors`));
  const values = new Map<string, Float32Array>();
  for (const [key, tensor] of tensors) if (key !== 'pixels') values.set(key, await readFloats(tensor));
  const pixels = tensors.get('pixels');
  const text = tensors.get('text');
  if (!pixels || !text) throw new Error(`${name}.safetensors has no pixels or no text`);
  const [images = 0, side = 0] = pixels.shape;
  const bytes = new Uint8Array(await readRaw(pixels));
  const partOf = <T extends Uint8Array | Float32Array>(all: T, image: number): T => {
    const size = all.length / images;
    return all.slice(image * size, (image + 1) * size) as T;
  };
  return {
    images,
    pixels: (image) => feed('uint8', partOf(bytes, image), [1, side, side, 3]),
    text: feed('float32', values.get('text') ?? new Float32Array(), text.shape),
    expected: (key, image) => partOf(values.get(key) ?? new Float32Array(), image),
  };
}

function difference(actual: Float32Array, expected: Float32Array): number {
  assert.equal(actual.length, expected.length);
  // A NaN must not count as a small difference.
  return actual.reduce((largest, value, i) => {
    const distance = Math.abs(value - (expected[i] ?? NaN));
    return distance <= largest ? largest : distance;
  }, 0);
}

function assertNear(actual: Float32Array | undefined, expected: Float32Array, limit: number, what: string): void {
  assert.ok(actual, `no ${what}`);
  const found = difference(actual, expected);
  assert.ok(found <= limit, `${what}: difference ${found}, limit ${limit}`);
}

const magnitude = (values: Float32Array): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** The cells in even rows and columns of a square grid. */
function everySecondCell(cells: Float32Array, size: number): Float32Array {
  const side = Math.sqrt(cells.length / size);
  return cells.filter((_, i) => {
    const cell = Math.floor(i / size);
    return (cell % side) % 2 === 0 && Math.floor(cell / side) % 2 === 0;
  });
}

describe('the dense branch', () => {
  let temporary: string;
  before(async () => {
    temporary = await mkdtemp(path.join(tmpdir(), 'assetlens-heatmaps-'));
  });
  after(() => rm(temporary, { recursive: true }));

  for (const name of ['openai-vit', 'transformers-quickgelu', 'transformers-gelu-sharded']) {
    for (const precision of precisions) {
      it(`gives the patches and gradients of PyTorch for ${name} in ${precision}`, async () => {
        const { element, share } = tolerance[precision];
        const out = path.join(temporary, `${name}-${precision}`);
        await convertCheckpoint(fixtureFolder(name), out, { precision });
        const reference = await readReference(name);
        for (let image = 0; image < reference.images; image++) {
          const pixels = reference.pixels(image);
          const dense = await runOutputs(path.join(out, 'dense.onnx'), { pixels });
          const encoder = await runOutputs(path.join(out, 'visual.onnx'), { pixels });
          assertNear(dense.floats('cells'), reference.expected('cells', image), element, 'cells');
          assertNear(dense.floats('embedding'), reference.expected('embedding', image), element, 'embedding');
          assertNear(
            dense.floats('embedding'),
            encoder.floats('embedding'),
            precision === 'fp16' ? 1e-2 : 1e-5,
            'the embedding of the encoder',
          );
          const lengths = reference.expected('lengths', image);
          assertNear(dense.floats('lengths'), lengths, element * magnitude(lengths), 'lengths');
          const { attended, attention, values } = dense.outputs;
          assert.ok(attended && attention && values);
          const gradient = await runOutputs(path.join(out, 'gradient.onnx'), {
            attended,
            attention,
            values,
            text: reference.text,
          });
          const expected = reference.expected('signed', image);
          assertNear(gradient.floats('signed'), expected, share * magnitude(expected), `gradient of image ${image}`);
        }
      });
    }
  }

  for (const precision of precisions) {
    it(`gives the cells and shares of PyTorch for a ResNet in ${precision}`, async () => {
      const { element, share } = tolerance[precision];
      const name = 'open-clip-resnet-atrous';
      const out = path.join(temporary, `${name}-${precision}`);
      await convertCheckpoint(path.join(folder, name), out, { precision });
      const reference = await readReference(name);
      for (let image = 0; image < reference.images; image++) {
        const pixels = reference.pixels(image);
        const dense = await runOutputs(path.join(out, 'dense.onnx'), { pixels });
        assertNear(dense.floats('cells'), reference.expected('cells', image), element, 'cells');
        assertNear(dense.floats('embedding'), reference.expected('embedding', image), element, 'embedding');
        const shares = reference.expected('shares', image);
        assertNear(dense.floats('shares'), shares, share * magnitude(shares), 'shares');
      }
    });
  }

  for (const precision of precisions) {
    it(`gives the cells of PyTorch for the photos of EfficientNet-Lite in ${precision}, and shares that sum to the embedding`, async () => {
      const { element } = tolerance[precision];
      const name = 'efficientnet-lite';
      const out = path.join(temporary, `${name}-${precision}`);
      await convertCheckpoint(fixtureFolder(name), out, { precision });
      const reference = await readReference(name);
      let photos = 0;
      for (let image = 0; image < reference.images; image++) {
        const dense = await runOutputs(path.join(out, 'dense.onnx'), { pixels: reference.pixels(image) });
        const [applies] = dense.floats('applies');
        if (applies === 0) continue;
        photos++;
        const embedding = reference.expected('embedding', image);
        assertNear(dense.floats('embedding'), embedding, element, 'embedding');
        const size = embedding.length;
        const sum = new Float32Array(size);
        dense.floats('shares').forEach((value, i) => (sum[i % size] = (sum[i % size] ?? 0) + value));
        assertNear(sum, embedding, element, 'the sum of the shares');
        const cells = everySecondCell(dense.floats('cells'), size);
        // This encoder is deeper, so rounding errors add up.
        assertNear(cells, reference.expected('cells', image), 2 * element, `cells of image ${image}`);
      }
      assert.equal(photos, 2, 'the reference has two photos');
    });
  }

  it('of the bundled model applies to photos, with the embeddings of PyTorch and shares that sum to them', async () => {
    const out = path.join(temporary, 'bundled');
    await convertCheckpoint(bundledFolder, out, { precision: 'fp32' });
    const { pixels, imageEmbeds } = await readExpected('bundled');
    const { columns, values } = unitRows(imageEmbeds);
    const [images = 0, ...shape] = pixels.dims;
    assert.ok(pixels.data instanceof Uint8Array);
    const size = pixels.data.length / images;
    let photos = 0;
    for (let image = 0; image < images; image++) {
      const one = feed('uint8', pixels.data.slice(image * size, (image + 1) * size), [1, ...shape]);
      const dense = await runOutputs(path.join(out, 'dense.onnx'), { pixels: one });
      if (dense.floats('applies')[0] === 0) continue;
      photos++;
      const embedding = values.subarray(image * columns, (image + 1) * columns);
      assertNear(dense.floats('embedding'), embedding, 1e-4, `the embedding of image ${image}`);
      const sum = new Float32Array(columns);
      dense.floats('shares').forEach((value, i) => (sum[i % columns] = (sum[i % columns] ?? 0) + value));
      assertNear(sum, embedding, 1e-4, `the sum of the shares of image ${image}`);
    }
    assert.ok(photos > 0 && photos < images, 'the images have to need both branches');
  });

  it('of a ResNet has shares that sum to the embedding of the encoder', async () => {
    const checkpointFolder = path.join(folder, 'open-clip-resnet-atrous');
    const checkpoint = await openCheckpoint(checkpointFolder);
    const configFile = path.join(checkpointFolder, 'open_clip_config.json');
    const { vision } = parseOpenClipConfig(await readJson(configFile), configFile);
    assert.ok(vision.kind === 'modifiedResNet');
    const options = { precision: 'fp32', statistics: checkpoint.preprocessing.statistics } as const;
    const dense = path.join(temporary, 'sum-dense.onnx');
    const encoder = path.join(temporary, 'sum-visual.onnx');
    await saveModel(denseResNet(vision, below(checkpoint.parameters, 'visual.'), options), dense);
    await saveModel(checkpointGraphs(checkpoint, 'fp32').visual, encoder);
    const { imageSize: side, embeddingSize } = vision;
    const noise = Uint8Array.from({ length: side * side * 3 }, (_, i) => (i * 7919 + (i >> 5) * 104729) % 256);
    const pixels = feed('uint8', noise, [1, side, side, 3]);
    const outputs = await runOutputs(dense, { pixels });
    const embedding = (await runOutputs(encoder, { pixels })).floats('embedding');
    const sum = outputs.floats('rest').slice();
    outputs.floats('shares').forEach((value, i) => (sum[i % embeddingSize] = (sum[i % embeddingSize] ?? 0) + value));
    assertNear(sum, embedding, 1e-5, 'the sum of the shares');
    assertNear(outputs.floats('embedding'), embedding, 1e-5, 'the embedding, over every second cell');
  });
});
