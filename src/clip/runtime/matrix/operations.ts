import * as ort from 'onnxruntime-node';
import { floatOutput, lazySession, type LazySession } from '../encoders/sessions.ts';
import { momentsModel, rankingModel, similarityModel } from '../../scoring/similarityGraph.ts';
import { float16Tensor } from './float16Tensor.ts';

/** Rows of a chunk of the ranking graph: the float32 values of 512 columns take two MB. */
const CHUNK_ROWS = 1024;
/** Chunks of one run. More of them would cost more than they save. */
const CHUNKS = 16;

/** Rows of a matrix that the operations process in one run, see MatrixOperations.rankingProducts. */
export const RANKED_ROWS = CHUNKS * CHUNK_ROWS;

/** The graphs that all matrices use: products of rows and weights, and moments of rows. Rows are float16 bits. */
export class MatrixOperations {
  readonly #similarity: LazySession;
  readonly #ranking: LazySession;
  readonly #oneChunk: LazySession;
  readonly #moments: LazySession;

  constructor(options: ort.InferenceSession.SessionOptions, idleMilliseconds: number) {
    const lazy = (name: string, model: () => Uint8Array): LazySession =>
      lazySession(name, () => ort.InferenceSession.create(model(), options), idleMilliseconds);
    this.#similarity = lazy('similarity graph', () => similarityModel('float16'));
    this.#ranking = lazy('ranking graph', () => rankingModel(CHUNKS));
    this.#oneChunk = lazy('ranking graph of one chunk', () => rankingModel(1));
    this.#moments = lazy('moments graph', momentsModel);
  }

  /**
   * weights · rowsᵀ.
   * @param weights [L, D]
   * @param rows [n, D], RANKED_ROWS at most
   * @returns [L, n]
   */
  async rankingProducts(weights: Float32Array, rows: Uint16Array, columns: number): Promise<Float32Array> {
    const count = rows.length / columns;
    const width = weights.length / columns;
    const query = new ort.Tensor('float32', weights, [width, columns]);
    const chunk = (first: number, length: number): ort.Tensor =>
      float16Tensor(rows.subarray(first * columns, (first + length) * columns), [length, columns]);
    if (count === RANKED_ROWS) {
      const feeds: Record<string, ort.Tensor> = { weights: query };
      for (let i = 0; i < CHUNKS; i++) feeds[`rows${i}`] = chunk(i * CHUNK_ROWS, CHUNK_ROWS);
      return this.#ranking.use(async (session) => floatOutput(await session.run(feeds), 'products'));
    }
    const products = new Float32Array(width * count);
    for (let first = 0; first < count; first += CHUNK_ROWS) {
      const length = Math.min(CHUNK_ROWS, count - first);
      const feeds = { weights: query, rows0: chunk(first, length) };
      const part = await this.#oneChunk.use(async (session) => floatOutput(await session.run(feeds), 'products'));
      for (let l = 0; l < width; l++) products.set(part.subarray(l * length, (l + 1) * length), l * count + first);
    }
    return products;
  }

  /**
   * rows · weightsᵀ + bias.
   * @param rows [n, D]
   * @param weights [L, D]
   * @param bias [L]
   * @returns [n, L]
   */
  product(rows: Uint16Array, weights: ort.Tensor, bias: Float32Array, columns: number): Promise<Float32Array> {
    return this.#similarity.use(async (session) => {
      const feeds = {
        rows: float16Tensor(rows, [rows.length / columns, columns]),
        weights,
        bias: new ort.Tensor('float32', bias, [bias.length]),
      };
      return floatOutput(await session.run(feeds), 'logits');
    });
  }

  /**
   * @param rows [n, D]
   * @returns the sum of the rows [D], and of their outer products [D, D]
   */
  sums(rows: Uint16Array, columns: number): Promise<{ readonly sum: Float32Array; readonly products: Float32Array }> {
    return this.#moments.use(async (session) => {
      const outputs = await session.run({ rows: float16Tensor(rows, [rows.length / columns, columns]) });
      return { sum: floatOutput(outputs, 'sum'), products: floatOutput(outputs, 'products') };
    });
  }
}
