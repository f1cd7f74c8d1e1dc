import * as ort from 'onnxruntime-node';
import type { HeatmapMethods } from './types.ts';
import { floatOutput, tensorOutput, type LazySession } from '../runtime/encoders/sessions.ts';

/** What the dense branch says of one square. */
export interface DenseOutputs {
  /** [D] unit vector */
  readonly embedding: Float32Array;
  /** [cells², D] unit rows */
  readonly cells: Float32Array;
  /** What each cell adds to the embedding [cells², D], or that from which a gradient goes on; null where neither is known. */
  readonly shares: Float32Array | State | null;
  /** [cells²] of the tokens that enter the last block; null where there are no tokens. */
  readonly lengths: Float32Array | null;
}

/** Of the class token in the last block. */
export interface State {
  readonly feeds: ort.InferenceSession.FeedsType;
  readonly gradient: LazySession;
}

/** The dense branch of an image encoder. */
export interface DenseBranch {
  /** @param pixels [size, size, 3] */
  look(pixels: Uint8Array): Promise<DenseOutputs>;
  /** How it says what a similarity comes from; null where it does not. */
  readonly why: 'backwardPass' | 'attentionPool' | null;
}

/** The branch of a model, found at the first use. */
export interface DenseSource {
  /** Null where it has none. */
  branch(): Promise<DenseBranch | null>;
  /** Null as long as it was not looked for. */
  readonly methods: HeatmapMethods | null;
}

/** Outputs of the dense graph that are inputs of its gradient. */
const STATE = ['attended', 'attention', 'values'] as const;

/** The inputs of a gradient among the outputs of a dense graph, which have this in front of their names. */
export function stateOf(outputs: ort.InferenceSession.ReturnType, gradient: LazySession, prefix = ''): State {
  return { feeds: Object.fromEntries(STATE.map((name) => [name, tensorOutput(outputs, prefix + name)])), gradient };
}

/** The branch that a graph of our own is. */
export function ownDense(dense: LazySession, gradient: LazySession | null, size: number): DenseBranch {
  return {
    why: gradient ? 'backwardPass' : 'attentionPool',
    look: (pixels) =>
      dense.use(async (session) => {
        const outputs = await session.run({ pixels: new ort.Tensor('uint8', pixels, [1, size, size, 3]) });
        return {
          embedding: floatOutput(outputs, 'embedding'),
          cells: floatOutput(outputs, 'cells'),
          shares: gradient ? stateOf(outputs, gradient) : floatOutput(outputs, 'shares'),
          lengths: gradient ? floatOutput(outputs, 'lengths') : null,
        };
      }),
  };
}

export const windowsBecause = (because: string | null): HeatmapMethods => ({
  where: 'slidingWindow',
  why: 'slidingWindow',
  because,
});

/** Of a model of which it is known from the start. */
export function knownDense(branch: DenseBranch | null): DenseSource {
  return {
    branch: () => Promise.resolve(branch),
    methods: branch
      ? { where: 'denseHead', why: branch.why ?? 'slidingWindow', because: null }
      : windowsBecause('the model has no dense branch'),
  };
}
