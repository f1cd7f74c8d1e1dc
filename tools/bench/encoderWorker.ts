/** A worker with our image encoder, without decoding and without the queue, and with the fastest matrix product. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as ort from 'onnxruntime-node';
import { openModelFolder } from '../../src/clip/base/manifest.ts';
import { modelBytes } from '../../src/clip/onnx/encode.ts';
import { GraphBuilder } from '../../src/clip/onnx/graph.ts';
import { tensor } from '../../src/clip/onnx/tensor.ts';
import { DecodeQueue } from '../../src/clip/images/decoding/decodeQueue.ts';
import { DECODE_LIMITS } from '../../src/clip/images/limits.ts';
import { preprocessImage } from '../../src/clip/images/preprocess.ts';
import { floatOutput, sessionOptions } from '../../src/clip/runtime/encoders/sessions.ts';
import { randomValues } from '../shared/random.ts';
import { PEAK_PRODUCTS, PEAK_SHAPE } from './matrixPeak.ts';
import { serve } from './worker.ts';

const BATCH = 8;
const sessions = new Map<string, Promise<ort.InferenceSession>>();

function sessionOf(key: string, load: () => Promise<ort.InferenceSession>): Promise<ort.InferenceSession> {
  const known = sessions.get(key);
  if (known) return known;
  const loading = load();
  sessions.set(key, loading);
  return loading;
}

export const tasks = {
  /** @returns uint8 [N, S, S, 3] after our preprocessing */
  async preprocess({ folder, files }: { folder: string; files: readonly string[] }): Promise<Uint8Array> {
    const { manifest } = await openModelFolder(folder);
    const decoding = { queue: new DecodeQueue(), limits: DECODE_LIMITS };
    const images = await Promise.all(
      files.map(async (file) => {
        const image = await preprocessImage({ name: file, bytes: await readFile(file) }, manifest.image, decoding);
        return image.pixels;
      }),
    );
    return new Uint8Array(Buffer.concat(images));
  },

  /** @param pixels uint8 [N, S, S, 3] */
  async encode({
    folder,
    threads,
    pixels,
    count,
  }: {
    folder: string;
    threads: number;
    pixels: Uint8Array;
    count: number;
  }) {
    const { manifest } = await openModelFolder(folder);
    const { size, graph } = manifest.image;
    const options = sessionOptions({ provider: 'cpu', threads });
    const load = () => ort.InferenceSession.create(path.join(folder, graph), options);
    const encoder = await sessionOf(`${folder} ${threads}`, load);
    const image = size * size * 3;
    const embeddings: Float32Array[] = [];
    const start = performance.now();
    for (let first = 0; first < count; first += BATCH) {
      const n = Math.min(BATCH, count - first);
      const batch = new ort.Tensor('uint8', pixels.slice(first * image, (first + n) * image), [n, size, size, 3]);
      const rows = floatOutput(await encoder.run({ pixels: batch }), 'embedding');
      for (let i = 0; i < n; i++) {
        embeddings.push(rows.slice(i * manifest.embeddingSize, (i + 1) * manifest.embeddingSize));
      }
    }
    return { seconds: (performance.now() - start) / 1000, embeddings };
  },

  /**
   * Measures float32 products with PEAK_GIGAFLOPS operations in seconds. The weights are constants, as in an encoder.
   * The default options of the runtime are the fastest, because its threads spin.
   */
  async matrixPeak({ threads }: { threads: number }): Promise<number> {
    const { rows, inner, columns } = PEAK_SHAPE;
    const products = await sessionOf(`peak ${threads}`, () => {
      const graph = new GraphBuilder('peak');
      const x = graph.input('x', 'float32', [rows, inner]);
      const weights = graph.constant(
        'weights',
        tensor('float32', [inner, columns], randomValues(inner * columns, 1, 1)),
      );
      graph.output('y', graph.node('product', 'MatMul', [x, weights]), 'float32', [rows, columns]);
      return ort.InferenceSession.create(modelBytes(graph.finish()), { intraOpNumThreads: threads });
    });
    const x = new ort.Tensor('float32', randomValues(rows * inner, 1, 2), [rows, inner]);
    const start = performance.now();
    for (let i = 0; i < PEAK_PRODUCTS; i++) await products.run({ x });
    return (performance.now() - start) / 1000;
  },
};

serve(tasks);
