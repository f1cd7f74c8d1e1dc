import { fragmentBytes, readModelBytes } from '../../../onnx/encode.ts';
import { readStoredGraph } from '../../../onnx/storedGraph.ts';
import { NotRecognised, type ThirdPartyDense } from '../../definition/family.ts';
import { tokenGradient } from '../tokenGradient.ts';
import { denseFragment } from './denseFragment.ts';
import { type GradientMatch, matchGradient } from './matchGradient.ts';
import { matchTransformer } from './matchTransformer.ts';

/**
 * Recognises the vision transformer of CLIP in a third-party graph, without reading its weights.
 * @param output name of the embedding
 * @param imageSize pixels a side
 * @throws NotRecognised with the reason why it has no dense branch, as a clause for the user
 */
export async function readDense(file: string, output: string, imageSize: number): Promise<ThirdPartyDense> {
  const match = matchTransformer(await readStoredGraph(file), output, imageSize);
  const fragment = fragmentBytes(denseFragment(match));
  let gradientMatch: GradientMatch;
  try {
    gradientMatch = matchGradient(match);
  } catch (error) {
    if (error instanceof NotRecognised) return { fragment, gradient: { refused: error.message } };
    throw error;
  }
  const { config, parameters } = gradientMatch;
  return { fragment, gradient: (heads) => readModelBytes(tokenGradient({ ...config, heads }, parameters, 'fp32')) };
}
