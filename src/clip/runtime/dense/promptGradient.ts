import * as ort from 'onnxruntime-node';
import type { CellMaps } from '../../heatmaps/cellMaps.ts';
import { floatOutput, type LazySession, tensorOutput } from '../encoders/sessions.ts';

/** The gradient of similarities with respect to the attention of the class token, for one image. See tokenGradient. */
export class PromptGradient implements CellMaps {
  readonly cells: number;
  readonly byteLength: number;
  /** The state of the class token in the last block: outputs of the dense graph that are inputs of the gradient. */
  readonly #state: Readonly<Record<'attended' | 'attention' | 'values', ort.Tensor>>;
  readonly #session: LazySession;
  readonly #embeddingSize: number;

  /**
   * @param outputs of the dense graph
   * @param prefix of the names of these outputs
   */
  constructor(session: LazySession, outputs: ort.InferenceSession.ReturnType, embeddingSize: number, prefix = '') {
    this.#session = session;
    this.#embeddingSize = embeddingSize;
    this.#state = {
      attended: tensorOutput(outputs, `${prefix}attended`),
      attention: tensorOutput(outputs, `${prefix}attention`), // [heads, 1 + cells²]
      values: tensorOutput(outputs, `${prefix}values`),
    };
    this.cells = Math.sqrt((this.#state.attention.dims[1] ?? NaN) - 1);
    const tensors = Object.values(this.#state).map(({ data }) => data);
    this.byteLength = tensors.reduce((sum, data) => sum + ('byteLength' in data ? data.byteLength : 0), 0);
  }

  mapsOf(prompts: Float32Array): Promise<Float32Array> {
    const shape = [prompts.length / this.#embeddingSize, this.#embeddingSize];
    return this.#session.use(async (session) => {
      const text = new ort.Tensor('float32', prompts, shape);
      return floatOutput(await session.run({ ...this.#state, text }), 'signed');
    });
  }
}
