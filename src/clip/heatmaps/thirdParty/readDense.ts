import type { ImageInput } from '../../base/manifest.ts';
import { tokenGradient } from '../../families/clip/tokenGradient.ts';
import { fragmentBytes, readModelBytes } from '../../onnx/encode.ts';
import { readStoredGraph } from '../../onnx/storedGraph.ts';
import { denseFragment } from './denseFragment.ts';
import { NotRecognised } from './graphView.ts';
import { type GradientMatch, matchGradient } from './matchGradient.ts';
import { matchTransformer } from './matchTransformer.ts';

/** What makes a graph of another maker show where things are. */
export interface ThirdPartyDense {
  /** Bytes that stand behind those of the model; see denseFragment. */
  readonly fragment: Uint8Array;
  /** The model of the backward pass, for so many heads; or why there is none. */
  readonly gradient: ((heads: number) => Promise<Uint8Array>) | { readonly refused: string };
}

/**
 * Looks into the graph of another maker for the vision transformer of CLIP, without reading its weights.
 * @throws NotRecognised with why it has no dense branch, for people
 */
export async function readDense(file: string, output: string, size: ImageInput['size']): Promise<ThirdPartyDense> {
  const match = matchTransformer(await readStoredGraph(file), output, size);
  const fragment = fragmentBytes(denseFragment(match));
  let found: GradientMatch;
  try {
    found = matchGradient(match);
  } catch (error) {
    if (error instanceof NotRecognised) return { fragment, gradient: { refused: error.message } };
    throw error;
  }
  const { config, parameters } = found;
  return { fragment, gradient: (heads) => readModelBytes(tokenGradient({ ...config, heads }, parameters, 'fp32')) };
}
