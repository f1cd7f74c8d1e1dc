import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Precision } from '../../src/clip/base/manifest.ts';
import { openCheckpoint } from '../../src/clip/checkpoint/checkpoint.ts';
import { checkpointGraphs, convertCheckpoint } from '../../src/clip/checkpoint/convert.ts';
import { saveModel } from '../../src/clip/onnx/save.ts';
import { transformersJsGraphs } from '../../tools/shared/transformersJsGraphs.ts';
import {
  compareRows,
  cutIds,
  type Expected,
  fixtureFolder,
  imageAt,
  normalisedPixels,
  readExpected,
  runModel,
  unitRows,
} from './encodersFixture.ts';

/** The lowest cosine and the largest difference between elements of unit vectors. */
const tolerance: Readonly<Record<Precision, { readonly cosine: number; readonly difference: number }>> = {
  fp32: { cosine: 0.99999, difference: 1e-4 },
  fp16: { cosine: 0.999, difference: 3e-2 },
  // Random weights in widths of 24 to 64 are the hardest case for int8: B/32 reaches 0.9988.
  int8: { cosine: 0.99, difference: 0.1 },
};
const precisions = ['fp32', 'fp16', 'int8'] as const;
const checkpoints = [
  'transformers-quickgelu',
  'transformers-gelu-sharded',
  'openai-vit',
  'open-clip-resnet',
  'efficientnet-lite',
] as const;
const bundledFolder = fileURLToPath(new URL('../../models/assetlens-icons', import.meta.url));

async function assertParity(checkpoint: string, out: string, precision: Precision, expected: Expected): Promise<void> {
  await convertCheckpoint(checkpoint, out, { precision });
  const image = await runModel(path.join(out, 'visual.onnx'), { pixels: expected.pixels });
  const text = await runModel(path.join(out, 'textual.onnx'), { input_ids: expected.ids });
  for (const [side, actual, reference] of [
    ['image', image, expected.imageEmbeds],
    ['text', text, expected.textEmbeds],
  ] as const) {
    const { cosine, difference } = compareRows(actual, unitRows(reference));
    const figures = `${side} encoder in ${precision}: cosine ${cosine}, difference ${difference}`;
    assert.ok(cosine > tolerance[precision].cosine, figures);
    assert.ok(difference < tolerance[precision].difference, figures);
  }
}

describe('the encoders', () => {
  let temporary: string;
  before(async () => {
    temporary = await mkdtemp(path.join(tmpdir(), 'assetlens-encoders-'));
  });
  after(() => rm(temporary, { recursive: true }));

  for (const name of checkpoints) {
    for (const precision of precisions) {
      it(`give the embeddings of PyTorch for ${name} in ${precision}`, async () => {
        const out = path.join(temporary, `${name}-${precision}`);
        await assertParity(fixtureFolder(name), out, precision, await readExpected(name));
      });
    }
  }

  for (const precision of precisions) {
    it(`give the embeddings of PyTorch for the bundled model in ${precision}`, async () => {
      const weights = await readFile(path.join(bundledFolder, 'open_clip_model.safetensors'));
      const reference = await readFile(path.join(fixtureFolder('bundled'), 'weights.json'), 'utf8');
      const { sha256 } = JSON.parse(reference) as { readonly sha256: string };
      assert.equal(
        createHash('sha256').update(weights).digest('hex'),
        sha256,
        'the bundled weights are not those of the reference: run "python test/parity/references/bundled.py"',
      );
      await assertParity(
        bundledFolder,
        path.join(temporary, `bundled-${precision}`),
        precision,
        await readExpected('bundled'),
      );
    });

    it(`give the same embeddings for images of one branch, as batches of their own, in ${precision}`, async () => {
      const out = path.join(temporary, `alone-${precision}`);
      await convertCheckpoint(fixtureFolder('efficientnet-lite'), out, { precision });
      const { pixels } = await readExpected('efficientnet-lite');
      const model = path.join(out, 'visual.onnx');
      const all = await runModel(model, { pixels });
      for (let image = 0; image < (pixels.dims[0] ?? 0); image++) {
        const alone = await runModel(model, { pixels: imageAt(pixels, image) });
        const row = all.values.subarray(image * all.columns, (image + 1) * all.columns);
        const { difference } = compareRows(alone, { ...all, values: row });
        assert.ok(difference < 1e-3 * (precision === 'fp16' ? 1 : 0.01), `image ${image}: difference ${difference}`);
      }
    });

    it(`give the same embedding for a text without padding, as a batch of its own, in ${precision}`, async () => {
      const out = path.join(temporary, `cut-${precision}`);
      await convertCheckpoint(fixtureFolder('openai-vit'), out, { precision });
      const { ids } = await readExpected('openai-vit');
      const model = path.join(out, 'textual.onnx');
      const all = await runModel(model, { input_ids: ids });
      // The first text of every fixture consists of a start token, one token and an end token.
      const alone = await runModel(model, { input_ids: cutIds(ids, 1, 3) });
      const { difference } = compareRows(alone, { ...all, values: all.values.subarray(0, all.columns) });
      assert.ok(difference < 1e-3 * (precision === 'fp16' ? 1 : 0.01), `difference ${difference}`);
    });
  }

  it('give the projections of PyTorch with the interface of transformers.js', async () => {
    const name = 'transformers-quickgelu';
    const expected = await readExpected(name);
    const checkpoint = await openCheckpoint(fixtureFolder(name));
    const { visual, textual } = transformersJsGraphs(checkpoint, 'fp32');
    const { mean, std } = checkpoint.preprocessing.statistics;
    const vision = path.join(temporary, 'vision_model.onnx');
    const text = path.join(temporary, 'text_model.onnx');
    await saveModel(visual, vision);
    await saveModel(textual, text);
    const image = await runModel(vision, { pixel_values: normalisedPixels(expected.pixels, mean, std) });
    assert.ok(compareRows(image, expected.imageEmbeds).difference < 1e-4);
    const words = await runModel(text, { input_ids: expected.ids });
    assert.ok(compareRows(words, expected.textEmbeds).difference < 1e-4);
  });

  it('give the same embeddings with their weights in a separate file', async () => {
    const name = 'open-clip-resnet';
    const { pixels } = await readExpected(name);
    const { visual } = checkpointGraphs(await openCheckpoint(fixtureFolder(name)), 'fp32');
    const single = path.join(temporary, 'single.onnx');
    const external = path.join(temporary, 'external.onnx');
    assert.deepEqual(await saveModel(visual, single), ['single.onnx']);
    const files = await saveModel(visual, external, { externalData: 'always' });
    assert.deepEqual(files, ['external.onnx', 'external.onnx.data']);
    const { difference } = compareRows(await runModel(external, { pixels }), await runModel(single, { pixels }));
    assert.equal(difference, 0);
  });
});
