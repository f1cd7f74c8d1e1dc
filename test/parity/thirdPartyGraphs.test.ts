import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { fromBinary } from '@bufbuild/protobuf';
import { readSafetensorsHeader } from '../../src/clip/checkpoint/safetensors.ts';
import { readFloats } from '../../src/clip/checkpoint/readFloats.ts';
import type { ModelFolder, ModelManifest } from '../../src/clip/base/manifest.ts';
import { ModelProtoSchema } from '../../src/clip/onnx/onnx_pb.ts';
import { ThirdPartyDenseSource } from '../../src/clip/runtime/dense/thirdPartyDense.ts';
import type { DenseOutputs } from '../../src/clip/heatmaps/denseBranch.ts';
import type { HeatmapMethods } from '../../src/clip/heatmaps/types.ts';
import { lazySession } from '../../src/clip/runtime/encoders/sessions.ts';
import { readRaw } from './encodersFixture.ts';

const ort = await import('onnxruntime-node');
const fixtures = fileURLToPath(new URL('fixtures/thirdPartyGraphs', import.meta.url));
const SIZE = 32;
const EMBEDDING = 24;
const WIDTH = 16;
const IDLE = 10_000;
const options = { intraOpNumThreads: 1, logSeverityLevel: 3 } as const;

/** A model folder without a text encoder, which the dense branch does not use. */
function modelIn(folder: string, precision: ModelManifest['precision']): ModelFolder {
  const manifest: ModelManifest = {
    ...{ formatVersion: 2, id: 'test', name: 'test', licence: null, precision, embeddingSize: EMBEDDING },
    ...{ logitScale: 100, calibration: null },
    image: {
      graph: 'visual/model.onnx',
      tensors: {
        ...{ type: 'float32', input: 'pixel_values', output: 'image_embeds', batch: null },
        mean: [0.48145466, 0.4578275, 0.40821073],
        std: [0.26862954, 0.26130258, 0.27577711],
      },
      ...{ size: SIZE, resize: 'shortest', interpolation: 'bicubic', background: 'contrast' },
    },
    text: { graph: '', tokenizer: '', contextLength: 8, startToken: 0, endToken: 1, padToken: 1 },
  };
  return { folder, manifest };
}

function assertNear(actual: Float32Array, expected: Float32Array, limit: number, what: string): void {
  assert.equal(actual.length, expected.length, what);
  const most = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  for (const [i, value] of actual.entries()) {
    const difference = Math.abs(value - (expected[i] ?? NaN)) / most;
    assert.ok(difference <= limit, `${what}: element ${i} differs by ${difference} of the largest`); // NaN is not
  }
}

describe('the dense branch of a third-party graph', () => {
  let root: string;
  const log: string[] = [];
  before(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'graphes à étendre '));
  });
  after(() => rm(root, { recursive: true }));
  beforeEach(() => log.splice(0));

  const open = async (
    name: string,
    precision: ModelManifest['precision'] = 'fp32',
    change = (bytes: Buffer) => bytes,
  ) => {
    const folder = path.join(root, name);
    const file = path.join(folder, 'visual/model.onnx');
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, change(gunzipSync(await readFile(path.join(fixtures, `${name}.onnx.gz`)))));
    const image = lazySession('image encoder', () => ort.InferenceSession.create(file, options), IDLE);
    const denseOptions = {
      image,
      session: options,
      idleMilliseconds: IDLE,
      onRefused: (line: string) => log.push(line),
    };
    return {
      source: new ThirdPartyDenseSource(modelIn(folder, precision), denseOptions),
      image,
      model: modelIn(folder, precision),
    };
  };

  for (const [name, precision, limit] of [
    ['transformers-quickgelu.eager', 'fp32', 1e-5],
    ['transformers-quickgelu.bmm', 'fp32', 1e-5],
    ['transformers-quickgelu.sdpa', 'fp32', 1e-5],
    ['transformers-quickgelu.sdpa-dynamo', 'fp32', 1e-5],
    ['transformers-quickgelu.sdpa-fp16', 'fp16', 5e-2],
    ['transformers-gelu.eager-dynamo', 'fp32', 1e-5],
    ['openclip-quickgelu.torchscript', 'fp32', 1e-5],
    ['openclip-gelu.torchscript-unit', 'fp32', 1e-5],
    ['openclip-gelu.dynamo', 'fp32', 1e-5],
  ] as const) {
    it(`gives the results of PyTorch for ${name}`, async () => {
      const { source } = await open(name, precision);
      const branch = await source.branch();
      assert.deepEqual(log, []);
      assert.deepEqual(source.methods, { where: 'denseHead', why: 'backwardPass', because: null });
      assert.ok(branch);
      const tensors = await readSafetensorsHeader(
        path.join(fixtures, `${name.slice(0, name.indexOf('.'))}.safetensors`),
      );
      const stored = (key: string) => tensors.get(key) ?? assert.fail(key);
      const images = stored('pixels').shape[0] ?? 0;
      const pixels = new Uint8Array(await readRaw(stored('pixels')));
      const part = <T extends Uint8Array | Float32Array>(all: T, image: number): T =>
        all.slice((image * all.length) / images, ((image + 1) * all.length) / images) as T;
      const text = await readFloats(stored('text'));
      for (let image = 0; image < images; image++) {
        const expected = async (key: string) => part(await readFloats(stored(key)), image);
        const outputs: DenseOutputs = (await branch.run(part(pixels, image))) ?? assert.fail('no outputs');
        const { embedding, cells, lengths, contributions } = outputs;
        assertNear(embedding, await expected('embedding'), limit, 'embedding');
        assertNear(cells, await expected('cells'), limit, 'cells');
        assert.ok(lengths && contributions);
        assertNear(lengths, await expected('lengths'), limit, 'lengths');
        assert.equal(contributions.cells ** 2, cells.length / EMBEDDING);
        assertNear(await contributions.mapsOf(text), await expected('signed'), limit, 'contributions');
      }
    });
  }

  const assertWindows = async (source: Awaited<ReturnType<typeof open>>['source'], because: RegExp): Promise<void> => {
    const methods = (): HeatmapMethods | null => source.methods;
    assert.equal(methods(), null, 'unknown before the first use');
    assert.equal(await source.branch(), null);
    assert.equal(await source.branch(), null);
    assert.equal(log.length, 1, 'one log line');
    assert.match(log[0] ?? '', /^Heatmaps of "test" use sliding windows, which take longer: .+\.$/);
    assert.match(methods()?.because ?? '', because);
    assert.equal(methods()?.where, 'slidingWindow');
  };

  it('is replaced by windows if attention is one operator', async () => {
    await assertWindows((await open('openclip-gelu.fused')).source, /its attention is one node \(Attention\)/);
  });

  it('is replaced by windows if the file is damaged after it was opened', async () => {
    const good = await open('openclip-gelu.dynamo');
    const file = path.join(good.model.folder, 'visual/model.onnx');
    const bytes = await readFile(file);
    await good.image.use(() => writeFile(file, bytes.subarray(0, 5000)));
    await assertWindows(good.source, /is not an ONNX model, or it is truncated/);
  });

  it('is replaced by windows if the extended graph gives another embedding than the encoder', async () => {
    const other = await open('openclip-gelu.dynamo');
    const { model, image } = await open('openclip-quickgelu.torchscript');
    const denseOptions = {
      image: other.image,
      session: options,
      idleMilliseconds: IDLE,
      onRefused: (line: string) => log.push(line),
    };
    await image.use(() => Promise.resolve());
    await assertWindows(new ThirdPartyDenseSource(model, denseOptions), /its extended graph gives another embedding/);
  });

  for (const [what, gain, because] of [
    ['all cells are equal', 0, /its cells are all equal/],
    ['all values are NaN', NaN, /gives another embedding/],
  ] as const) {
    it(`is replaced by windows if ${what}`, async () => {
      const change = (bytes: Buffer): Buffer => {
        const { name = '', rawData = new Uint8Array() } =
          fromBinary(ModelProtoSchema, bytes).graph?.initializer.find((tensor) =>
            tensor.name.endsWith('post_layernorm.weight'),
          ) ?? {};
        const at = bytes.indexOf(rawData);
        assert.ok(name !== '' && at > 0);
        bytes.set(new Uint8Array(new Float32Array(WIDTH).fill(gain).buffer), at);
        return bytes;
      };
      await assertWindows((await open('transformers-quickgelu.eager', 'fp32', change)).source, because);
    });
  }
});
