import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { confidenceOf, confidenceScores, readCalibration } from '../../src/clip/scoring/calibration.ts';
import { convertCheckpoint } from '../../src/clip/checkpoint/convert.ts';
import { readSafetensorsHeader } from '../../src/clip/checkpoint/safetensors.ts';
import { readFloats } from '../../src/clip/checkpoint/readFloats.ts';
import { explainImage } from '../../src/clip/heatmaps/explainImage.ts';
import { installModel } from '../../src/clip/models/install.ts';
import type { ModelFolder } from '../../src/clip/base/manifest.ts';
import { folderSource } from '../../src/clip/models/source.ts';
import { sharp } from '../../src/clip/images/sharp.ts';
import { DecodeQueue } from '../../src/clip/images/decoding/decodeQueue.ts';
import { DECODE_LIMITS } from '../../src/clip/images/limits.ts';
import { preprocessImage } from '../../src/clip/images/preprocess.ts';
import { createInference } from '../../src/clip/runtime/process/client.ts';
import { loadTokenizer } from '../../src/clip/text/tokenizer.ts';
import { dot } from '../../src/clip/base/vectors.ts';
import { compareRows, readRaw, type Rows, unitRows } from './encodersFixture.ts';

const hostScript = fileURLToPath(new URL('../../src/clip/runtime/host.ts', import.meta.url));
const CONTEXT = 16;
const SIZE = 32;
const SQUARE = SIZE * SIZE * 3;

interface Reference {
  readonly folder: string;
  readonly texts: readonly string[];
  readonly ids: readonly (readonly number[])[];
  readonly images: readonly Uint8Array[];
  readonly imageRows: Rows;
  readonly textRows: Rows;
  /** [images, texts] */
  readonly probabilities: Float32Array;
  /** [SIZE, SIZE, 3] each: the result of the image processor for PICTURES. */
  readonly squashed: readonly Uint8Array[];
}

const PICTURES = ['smaller', 'larger', 'tall', 'large'] as const;

async function readReference(name: string): Promise<Reference> {
  const folder = fileURLToPath(new URL(`fixtures/siglip/${name}`, import.meta.url));
  const tensors = await readSafetensorsHeader(path.join(folder, 'expected.safetensors'));
  const tensor = (key: string) => tensors.get(key) ?? assert.fail(key);
  const rows = async (key: string): Promise<Rows> =>
    unitRows({ values: await readFloats(tensor(key)), columns: tensor(key).shape[1] ?? 0 });
  const squares = async (key: string): Promise<Uint8Array[]> => {
    const [count = 0, ...sides] = tensor(key).shape;
    assert.deepEqual(sides, [SIZE, SIZE, 3]);
    const bytes = new Uint8Array(await readRaw(tensor(key)));
    return Array.from({ length: count }, (_, i) => bytes.subarray(i * SQUARE, (i + 1) * SQUARE));
  };
  const json = await readFile(path.join(folder, 'expected.json'), 'utf8');
  return {
    folder,
    ...(JSON.parse(json) as Pick<Reference, 'texts' | 'ids'>),
    images: await squares('pixels'),
    imageRows: await rows('image_embeds'),
    textRows: await rows('text_embeds'),
    probabilities: await readFloats(tensor('probabilities')),
    squashed: await squares('squashed'),
  };
}

interface Embedded {
  readonly images: Rows;
  readonly texts: Rows;
}

/** Embeds image files and texts with the real inference process. */
async function embed(model: ModelFolder, { images, texts }: Reference): Promise<Embedded> {
  await using inference = createInference({ model, hostScript });
  const raw = { width: SIZE, height: SIZE, channels: 3 } as const;
  const files = await Promise.all(images.map((pixels) => sharp(pixels, { raw }).png().toBuffer()));
  const outcomes = await inference.embedImages(files.map((bytes, i) => ({ kind: 'bytes', name: `${i}.png`, bytes })));
  const columns = model.manifest.embeddingSize;
  const values = new Float32Array(outcomes.length * columns);
  outcomes.forEach((outcome, i) => {
    values.set(outcome.ok ? outcome.embedding : assert.fail(outcome.reason), i * columns);
  });
  return { images: { values, columns }, texts: { values: await inference.embedTexts(texts), columns } };
}

function assertAlike(embedded: Embedded, reference: Reference, tolerance: number): void {
  for (const [what, actual, expected] of [
    ['image', embedded.images, reference.imageRows],
    ['text', embedded.texts, reference.textRows],
  ] as const) {
    const { difference } = compareRows(actual, expected);
    assert.ok(difference < tolerance, `${what} encoder: difference ${difference}`);
  }
}

/** The confidence of every image for every text, as for tags. */
async function assertProbable(model: ModelFolder, reference: Reference): Promise<void> {
  const { images, texts } = await embed(model, reference);
  const { columns } = images;
  const rowsOf = ({ values }: Rows): Float32Array[] =>
    Array.from({ length: values.length / columns }, (_, i) => values.subarray(i * columns, (i + 1) * columns));
  const anything = { mean: new Float32Array(columns).fill(0.1), covariance: new Float32Array(columns ** 2).fill(0.01) };
  const { weights, bias } = confidenceScores(rowsOf(texts), anything, await readCalibration(model));
  const found = rowsOf(images).flatMap((image) =>
    Array.from(bias, (shift, j) => confidenceOf(dot(image, weights.subarray(j * columns, (j + 1) * columns)) + shift)),
  );
  assert.equal(found.length, reference.probabilities.length);
  const difference = Math.max(...found.map((value, i) => Math.abs(value - (reference.probabilities[i] ?? NaN))));
  assert.ok(difference < 1e-5, `difference ${difference}`);
}

describe('SigLIP', () => {
  let temporary: string;
  before(async () => {
    temporary = await mkdtemp(path.join(tmpdir(), 'assetlens-siglip-'));
  });
  after(() => rm(temporary, { recursive: true }));

  for (const name of ['siglip2', 'siglip'] as const) {
    describe(name, () => {
      let reference: Reference;
      before(async () => {
        reference = await readReference(name);
      });
      const convert = (precision: 'fp32' | 'fp16' | 'int8'): Promise<ModelFolder> =>
        convertCheckpoint(reference.folder, path.join(temporary, `${name}-${precision}`), { precision });

      it('gives the token ids of transformers, in lower case, with an end token and padding', async () => {
        const { folder, manifest } = await convert('fp32');
        assert.deepEqual(
          [manifest.text.startToken, manifest.text.endToken, manifest.text.padToken, manifest.text.paddedLength],
          [null, 1, name === 'siglip2' ? 0 : 1, CONTEXT],
        );
        const { encode } = await loadTokenizer(path.join(folder, 'tokenizer.json'), manifest.text);
        const { ids } = encode(reference.texts);
        reference.ids.forEach((row, i) => {
          assert.deepEqual([...ids.subarray(i * CONTEXT, (i + 1) * CONTEXT)].map(Number), row, reference.texts[i]);
        });
        assert.deepEqual(encode(['dog']).shape, [1, CONTEXT]);
      });

      it('squashes images of any shape, as the image processor of transformers does', async () => {
        const { manifest } = await convert('fp32');
        const decoding = { queue: new DecodeQueue(), limits: DECODE_LIMITS };
        const differences = await Promise.all(
          PICTURES.map(async (picture, i) => {
            const bytes = await readFile(path.join(reference.folder, '..', 'images', `${picture}.png`));
            const { pixels } = await preprocessImage({ name: picture, bytes }, manifest.image, decoding);
            const expected = reference.squashed[i] ?? assert.fail(picture);
            return pixels.reduce((sum, value, at) => sum + Math.abs(value - (expected[at] ?? NaN)), 0) / SQUARE;
          }),
        );
        const [enlarged, ...shrunk] = differences;
        assert.equal(enlarged, 0, 'equal bit for bit');
        assert.ok(Math.max(...shrunk) < 0.5, `mean differences ${shrunk.join(', ')} of 255`);
      });

      for (const [precision, tolerance] of [
        ['fp32', 1e-5],
        ['fp16', 1e-2],
        ['int8', 0.1],
      ] as const) {
        it(`gives the embeddings of transformers after conversion to ${precision}`, async () => {
          assertAlike(await embed(await convert(precision), reference), reference, tolerance);
        });
      }

      it('makes heatmaps with sliding windows', async () => {
        await using inference = createInference({ model: await convert('fp32'), hostScript });
        const bytes = await readFile(path.join(reference.folder, '..', 'images', 'larger.png'));
        const source = { kind: 'bytes', name: 'larger.png', bytes } as const;
        for (const kind of ['where', 'why'] as const) {
          const map = await explainImage(inference, source, { kind, prompts: [['dog']], imageKind: 'photo' });
          assert.equal(map.method, 'slidingWindow');
          assert.ok(map.values.length > 0 && map.values.every(Number.isFinite));
          assert.ok(new Set(map.values).size > 1, 'cells differ');
        }
      });

      it('gives tags the probabilities of its sigmoid', async () => {
        await assertProbable(await convert('fp32'), reference);
      });
    });
  }

  describe('with graphs of torch.onnx in the layout of transformers.js', () => {
    const score = { logitScale: Math.exp(3.1), logitBias: -2.3 };
    let reference: Reference;
    let source: string;
    before(async () => {
      reference = await readReference('siglip2');
      source = path.join(temporary, 'transformers.js');
      await cp(reference.folder, source, { recursive: true, filter: (file) => !file.endsWith('.safetensors') });
    });
    const install = async (name: string, own = {}): Promise<ModelFolder> =>
      installModel(await folderSource(source), path.join(temporary, name), { name, replace: false, ...own });

    it('gives the same embeddings', async () => {
      const model = await install('graphs');
      assertAlike(await embed(model, reference), reference, 1e-5);
      const { image, text } = model.manifest;
      const half = [0.5, 0.5, 0.5];
      assert.deepEqual(image, {
        graph: 'visual/vision_model.onnx',
        tensors: {
          type: 'float32',
          input: 'pixel_values',
          output: 'pooler_output',
          batch: null,
          mean: half,
          std: half,
        },
        size: SIZE,
        resize: 'squash',
        interpolation: 'bilinear',
        background: 'contrast',
      });
      assert.deepEqual(
        { ...text, tensors: undefined },
        {
          graph: 'textual/text_model.onnx',
          tensors: undefined,
          tokenizer: 'tokenizer.json',
          contextLength: CONTEXT,
          startToken: null,
          endToken: 1,
          padToken: 0,
          paddedLength: CONTEXT,
          lowerCase: true,
        },
      );
    });

    it('gives probabilities if the logit scale and bias are known, and otherwise compares with the images of the user', async () => {
      await assertProbable(await install('with a sigmoid', { score }), reference);
      assert.equal((await readCalibration(await install('without one'))).sigmoid, null);
    });

    it('uses the special tokens of its family if tokenizer_config.json is missing', async () => {
      await rm(path.join(source, 'tokenizer_config.json'));
      const { endToken, padToken } = (await install('no settings')).manifest.text;
      assert.deepEqual([endToken, padToken], [1, 0]);
    });
  });
});
