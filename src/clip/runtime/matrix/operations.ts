import * as ort from 'onnxruntime-node';
import { floatOutput, lazySession, type LazySession } from '../encoders/sessions.ts';
import { momentsModel, similarityModel } from '../../scoring/similarityGraph.ts';

/** The graphs that all matrices use: products of rows and weights, and moments of rows. */
export class MatrixOperations {
  readonly #similarity: LazySession;
  readonly #moments: LazySession;

  constructor(options: ort.InferenceSession.SessionOptions, idleMilliseconds: number) {
    const lazy = (name: string, model: () => Uint8Array): LazySession =>
      lazySession(name, () => ort.InferenceSession.create(model(), options), idleMilliseconds);
    this.#similarity = lazy('similarity graph', similarityModel);
    this.#moments = lazy('moments graph', momentsModel);
  }

  /**
   * rows · weightsᵀ + bias.
   * @param rows [n, D]
   * @param weights [L, D]
   * @param bias [L]
   * @returns [n, L]
   */
  product(rows: ort.Tensor, weights: ort.Tensor, bias: Float32Array): Promise<Float32Array> {
    return this.#similarity.use(async (session) => {
      const feeds = { rows, weights, bias: new ort.Tensor('float32', bias, [bias.length]) };
      return floatOutput(await session.run(feeds), 'logits');
    });
  }

  /**
   * @param rows [n, D]
   * @returns the sum of the rows [D], and of their outer products [D, D]
   */
  sums(rows: ort.Tensor): Promise<{ readonly sum: Float32Array; readonly products: Float32Array }> {
    return this.#moments.use(async (session) => {
      const outputs = await session.run({ rows });
      return { sum: floatOutput(outputs, 'sum'), products: floatOutput(outputs, 'products') };
    });
  }
}
