import assert from 'node:assert/strict';
import { mkdtemp, open, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { modelBytes } from '../../../../src/clip/onnx/encode.ts';
import { GraphBuilder } from '../../../../src/clip/onnx/graph.ts';
import { sharp } from '../../../../src/clip/images/sharp.ts';
import { imageEncoder } from '../../../../src/clip/runtime/encoders.ts';
import type { ImageSource } from '../../../../src/clip/images/types.ts';
import { decodeOptions } from '../images/testImages.ts';
import { lazySession, type LazySession } from '../../../../src/clip/runtime/sessions.ts';

process.env['ORT_DISABLE_TELEMETRY'] = '1';
const SIZE = 8;

/** A whole encoder in one node: the mean colour [N, 3] of the pixels. */
function meanColour(): Uint8Array {
  const graph = new GraphBuilder('mean_colour');
  const pixels = graph.input('pixels', 'uint8', ['N', SIZE, SIZE, 3]);
  const mean = graph.node('mean', 'ReduceMean', [graph.node('float', 'Cast', [pixels], { to: 1 })], {
    axes: [1, 2],
    keepdims: 0,
  });
  graph.output('embedding', mean, 'float32', ['N', 3]);
  return modelBytes(graph.finish());
}

/** The encoder behind a session that begins each run only when it may. */
async function newEncoder(mayRun: Promise<unknown> = Promise.resolve()) {
  const { InferenceSession } = await import('onnxruntime-node');
  const session = lazySession('mean colour', () => InferenceSession.create(meanColour()), 1000);
  const counts = { runs: 0, progress: 0 };
  const counted: LazySession = {
    state: 'loaded',
    async use(work) {
      counts.runs++;
      await mayRun;
      return session.use(work);
    },
  };
  const manifest = {
    formatVersion: 1 as const,
    id: 'mean colour',
    name: 'mean colour',
    licence: null,
    precision: 'fp32' as const,
    embeddingSize: 3,
    logitScale: 1,
    calibration: null,
    image: {
      graph: '',
      size: SIZE,
      resize: 'squash' as const,
      interpolation: 'area' as const,
      background: [255, 255, 255] as [number, number, number],
    },
    text: { graph: '', tokenizer: '', contextLength: 3, startToken: 0, endToken: 1, padToken: 0 },
  };
  return {
    encode: imageEncoder(
      counted,
      manifest,
      decodeOptions(),
      () => 8,
      () => counts.progress++,
    ),
    counts,
  };
}

describe('the queue of the image encoder', () => {
  const never = new AbortController().signal;
  let red: ImageSource;

  before(async () => {
    const bytes = await sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    red = { kind: 'bytes', name: 'red.png', bytes };
  });

  it('gives each image its embedding, and a sign of life for each image decoded and each batch encoded', async () => {
    const { encode, counts } = await newEncoder();
    const outcomes = await encode(
      Array.from({ length: 20 }, () => red),
      never,
    );
    for (const outcome of outcomes) assert.ok(outcome?.ok && outcome.embedding.join() === '255,0,0');
    assert.equal(counts.progress, 20 + counts.runs);
  });

  it('drops all of a very large request that is aborted, and goes on with others', async () => {
    const { encode } = await newEncoder();
    const controller = new AbortController();
    const aborted = encode(
      Array.from({ length: 50_000 }, () => red),
      controller.signal,
    );
    const other = encode([red], never);
    controller.abort();
    await assert.rejects(aborted, { name: 'AbortError' });
    assert.ok((await other)[0]?.ok);
    await assert.rejects(encode([red], controller.signal), { name: 'AbortError' });
  });

  it('does not encode what was decoded for a request that is aborted meanwhile', async () => {
    const gate = Promise.withResolvers<undefined>();
    const { encode, counts } = await newEncoder(gate.promise);
    const controller = new AbortController();
    const aborted = encode(
      Array.from({ length: 24 }, () => red),
      controller.signal,
    );
    while (counts.progress < 24) await new Promise(setImmediate);
    assert.equal(counts.runs, 1);
    controller.abort();
    const other = encode([red], never);
    gate.resolve(undefined);
    await assert.rejects(aborted, { name: 'AbortError' });
    assert.ok((await other)[0]?.ok);
    assert.equal(counts.runs, 2);
  });

  it('refuses a file over the limit of bytes without reading it', async () => {
    const { encode } = await newEncoder();
    const folder = await mkdtemp(path.join(os.tmpdir(), 'assetlens-'));
    const file = path.join(folder, 'large.png');
    const handle = await open(file, 'w');
    await handle.truncate(100 * 2 ** 20);
    await handle.close();
    const [outcome] = await encode([{ kind: 'file', path: file }], never);
    // No hash: it was not read.
    assert.deepEqual(outcome, {
      ok: false,
      hash: null,
      reason: '100 MB is over the limit of 64 MB',
      permanent: true,
    });
    await rm(folder, { recursive: true });
  });
});
