import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { modelBytes } from '../../../../src/clip/onnx/encode.ts';
import { GraphBuilder } from '../../../../src/clip/onnx/graph.ts';
import { tensor } from '../../../../src/clip/onnx/tensor.ts';
import { sharp } from '../../../../src/clip/images/sharp.ts';
import { ImageQueue } from '../../../../src/clip/runtime/imageQueue.ts';
import type { ImageSource } from '../../../../src/clip/images/types.ts';
import { lazySession, type LazySession } from '../../../../src/clip/runtime/encoders/sessions.ts';
import { decodeOptions } from '../images/testImages.ts';

process.env['ORT_DISABLE_TELEMETRY'] = '1';
const SIZE = 8;

/** An image encoder of one node: the mean colour [N, 3] of the pixels. */
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

/** An encoder whose weights are damaged: it multiplies the mean colour by a number. */
function damaged(factor: number): Uint8Array {
  const graph = new GraphBuilder('damaged');
  const pixels = graph.input('pixels', 'uint8', ['N', SIZE, SIZE, 3]);
  const mean = graph.node('mean', 'ReduceMean', [graph.node('float', 'Cast', [pixels], { to: 1 })], {
    axes: [1, 2],
    keepdims: 0,
  });
  const scaled = graph.node('scaled', 'Mul', [
    mean,
    graph.constant('factor', tensor('float32', [1], Float32Array.of(factor))),
  ]);
  graph.output('embedding', scaled, 'float32', ['N', 3]);
  return modelBytes(graph.finish());
}

/** A queue whose encoder starts no run before `mayRun` resolves. */
async function newQueue(mayRun: Promise<unknown> = Promise.resolve(), encoder = meanColour()) {
  const { InferenceSession } = await import('onnxruntime-node');
  const session = lazySession('mean colour', () => InferenceSession.create(encoder), 1000);
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
    formatVersion: 2 as const,
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
  const queue = new ImageQueue({
    session: counted,
    manifest,
    decoding: decodeOptions(),
    batchSize: () => 8,
    onProgress: () => counts.progress++,
  });
  return { queue, counts };
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

  it('returns the embedding of each image, and reports progress for each decoded image and each encoded batch', async () => {
    const { queue, counts } = await newQueue();
    const outcomes = await queue.embed(
      Array.from({ length: 20 }, () => red),
      never,
    );
    for (const outcome of outcomes) assert.ok(outcome?.ok && outcome.embedding.join() === '255,0,0');
    assert.equal(counts.progress, 20 + counts.runs);
  });

  it('does not read a file whose content it receives', async () => {
    const { queue } = await newQueue();
    assert.ok(red.kind === 'bytes');
    const content = { bytes: red.bytes, hash: createHash('sha256').update(red.bytes).digest('hex') };
    const missing = path.join(os.tmpdir(), 'there-is-no-such-folder', 'red.png');
    const [outcome] = await queue.embed([{ kind: 'file', path: missing, content }], never);
    assert.ok(outcome?.ok && outcome.hash === content.hash && outcome.embedding.join() === '255,0,0');
  });

  it('drops all images of an aborted request, however many, and continues with other requests', async () => {
    const { queue } = await newQueue();
    const controller = new AbortController();
    const aborted = queue.embed(
      Array.from({ length: 50_000 }, () => red),
      controller.signal,
    );
    const other = queue.embed([red], never);
    controller.abort();
    await assert.rejects(aborted, { name: 'AbortError' });
    assert.ok((await other)[0]?.ok);
    await assert.rejects(queue.embed([red], controller.signal), { name: 'AbortError' });
  });

  it('does not encode images that are decoded when their request is aborted', async () => {
    const gate = Promise.withResolvers<undefined>();
    const { queue, counts } = await newQueue(gate.promise);
    const controller = new AbortController();
    const aborted = queue.embed(
      Array.from({ length: 24 }, () => red),
      controller.signal,
    );
    while (counts.progress < 24) await new Promise(setImmediate);
    assert.equal(counts.runs, 1);
    controller.abort();
    const other = queue.embed([red], never);
    gate.resolve(undefined);
    await assert.rejects(aborted, { name: 'AbortError' });
    assert.ok((await other)[0]?.ok);
    assert.equal(counts.runs, 2);
  });

  it('rejects a file that exceeds the size limit without reading it', async () => {
    const { queue } = await newQueue();
    const folder = await mkdtemp(path.join(os.tmpdir(), 'assetlens-'));
    const file = path.join(folder, 'large.png');
    const handle = await open(file, 'w');
    await handle.truncate(100_000_000);
    await handle.close();
    const [outcome] = await queue.embed([{ kind: 'file', path: file }], never);
    // No hash: the file was not read.
    assert.deepEqual(outcome, {
      ok: false,
      hash: null,
      reason: '100 MB exceeds the limit of 64 MB',
      permanent: true,
    });
    await rm(folder, { recursive: true });
  });

  it('reports a model that gives no embeddings, instead of failures of images', async () => {
    for (const [factor, problem] of [
      [NaN, /The model gives no embeddings of images: its numbers are invalid \(NaN or infinite\)/],
      [0, /The model gives no embeddings of images: all its numbers are zero.*Install or convert/],
    ] as const) {
      const { queue } = await newQueue(undefined, damaged(factor));
      await assert.rejects(queue.embed([red], never), problem);
    }
  });

  it('reports an image without an embedding, if the model gives embeddings of other images', async () => {
    const { queue } = await newQueue();
    const bytes = await sharp({ create: { width: 4, height: 4, channels: 3, background: 'black' } })
      .png()
      .toBuffer();
    const [black, other] = await queue.embed([{ kind: 'bytes', name: 'black.png', bytes }, red], never);
    assert.ok(other?.ok);
    assert.ok(
      black && !black.ok && black.permanent && black.reason.includes('gives no embedding: all its numbers are zero'),
    );
  });

  it('rejects devices and pipes without waiting for them', async function () {
    if (process.platform === 'win32') this.skip();
    const { queue } = await newQueue();
    const folder = await mkdtemp(path.join(os.tmpdir(), 'assetlens-'));
    execFileSync('mkfifo', [path.join(folder, 'a.png')]);
    for (const file of ['/dev/zero', path.join(folder, 'a.png')]) {
      const [outcome] = await queue.embed([{ kind: 'file', path: file }], never);
      assert.ok(outcome && !outcome.ok && /^it is a (device|pipe), not a file$/.test(outcome.reason));
    }
    await rm(folder, { recursive: true });
  });
});
