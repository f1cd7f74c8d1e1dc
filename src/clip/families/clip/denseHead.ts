import type { Graph } from '../../onnx/graph.ts';
import type { VisionConfig } from './clip.ts';
import { denseResNet } from './denseResNet.ts';
import { denseTransformer } from './denseTransformer.ts';
import type { ImageGraphOptions } from '../layers/imageGraph.ts';
import { DOWNSAMPLING } from './modifiedResNet.ts';
import { below, type Parameters } from '../layers/parameters.ts';
import { tokenGradient } from './tokenGradient.ts';

/** The dense branch of an image encoder: what its cells say, and how they make up the embedding. */
export interface DenseGraphs {
  /** Puts out `cells`, and `shares` or the state that `gradient` takes; see denseTransformer and denseResNet. */
  readonly graph: Graph;
  readonly gradient: Graph | null;
}

/**
 * Cells a side of an attention pool; of fewer, none lies between others. The bundled model has two, and enlarging its image does
 * not help: the pool then says nothing of the whole, and its cells find things far worse than windows do (figures in ARCHITECTURE.md).
 */
const LEAST_CELLS = 3;

/**
 * @param parameters named as openai/CLIP does
 * @returns null for a ResNet of too few cells, and for a vision transformer whose patches do not fill its image
 */
export function denseGraphs(
  vision: VisionConfig,
  parameters: Parameters,
  options: ImageGraphOptions,
): DenseGraphs | null {
  const own = below(parameters, 'visual.');
  if (vision.kind === 'modifiedResNet') {
    if (vision.imageSize / DOWNSAMPLING < LEAST_CELLS) return null;
    return { graph: denseResNet(vision, own, options), gradient: null };
  }
  if (vision.imageSize % vision.patchSize !== 0) return null;
  return { graph: denseTransformer(vision, own, options), gradient: tokenGradient(vision, own, options.precision) };
}
