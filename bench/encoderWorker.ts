/** Our image encoder without decoding and without the queue, and the matrix product that nothing can be faster than. */
import path from 'node:path';
import * as ort from 'onnxruntime-node';
import { openModelFolder } from '../src/clip/models/manifest.ts';
import { modelBytes } from '../src/clip/onnx/encode.ts';
import { GraphBuilder } from '../src/clip/onnx/graph.ts';
import { tensor } from '../src/clip/onnx/tensor.ts';
import { preprocessImage } from '../src/clip/preprocess.ts';
import { floatOutput, sessionOptions } from '../src/clip/runtime/sessions.ts';
import { readFile } from 'node:fs/promises';
import { PEAK_PRODUCTS, PEAK_SIZE } from './matrixPeak.ts';
import { randomValues } from './random.ts';
import { serve } from './worker.ts';

const BATCH = 8;
const sessions = new Map<string, Promise<ort.InferenceSession>>();

/** Shares a session; `load` gives the model as a file or as bytes. */
function session(
  key: string,
  threads: number,
  model: () => Promise<string | Uint8Array>,
): Promise<ort.InferenceSession> {
  const known = sessions.get(key);
  if (known) return known;
  const options = sessionOptions({ device: 'cpu', threads, modelFolder: '', sessionIdleMilliseconds: 0 });
  // Two overloads of one function: one takes a path, the other bytes.
  const loading = model().then((m) =>
    typeof m === 'string' ? ort.InferenceSession.create(m, options) : ort.InferenceSession.create(m, options),
  );
  sessions.set(key, loading);
  return loading;
}

export const tasks = {
  /** @returns uint8 [N, S, S, 3] as our pre-processing makes them */
  async preprocess({ folder, files }: { folder: string; files: readonly string[] }): Promise<Uint8Array> {
    const { manifest } = await openModelFolder(folder);
    const images = await Promise.all(
      files.map(async (file) => (await preprocessImage(await readFile(file), manifest.image)).pixels),
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
    const encoder = await session(`${folder} ${threads}`, threads, () => Promise.resolve(path.join(folder, graph)));
    const image = size * size * 3;
    const embeddings: Float32Array[] = [];
    const start = performance.now();
    for (let at = 0; at < count; at += BATCH) {
      const n = Math.min(BATCH, count - at);
      const batch = new ort.Tensor('uint8', pixels.slice(at * image, (at + n) * image), [n, size, size, 3]);
      const rows = floatOutput(await encoder.run({ pixels: batch }), 'embedding');
      for (let i = 0; i < n; i++) {
        embeddings.push(rows.slice(i * manifest.embeddingSize, (i + 1) * manifest.embeddingSize));
      }
    }
    return { seconds: (performance.now() - start) / 1000, embeddings };
  },

  /** Seconds of square float32 products, PEAK_GIGAFLOPS in all, their weights known when the session is loaded, as an encoder's are. */
  async matrixPeak({ threads }: { threads: number }): Promise<number> {
    const shape = [PEAK_SIZE, PEAK_SIZE];
    const products = await session(`peak ${threads}`, threads, () => {
      const graph = new GraphBuilder('peak');
      const x = graph.input('x', 'float32', shape);
      const weights = graph.constant('weights', tensor('float32', shape, randomValues(PEAK_SIZE ** 2, 1, 1)));
      graph.output('y', graph.node('product', 'MatMul', [x, weights]), 'float32', shape);
      return Promise.resolve(modelBytes(graph.finish()));
    });
    const x = new ort.Tensor('float32', randomValues(PEAK_SIZE ** 2, 1, 2), shape);
    const start = performance.now();
    for (let i = 0; i < PEAK_PRODUCTS; i++) await products.run({ x });
    return (performance.now() - start) / 1000;
  },
};

serve(tasks);
