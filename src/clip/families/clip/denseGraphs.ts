import type { DenseGraphs, ImageGraphOptions } from '../definition/family.ts';
import { below, type Parameters } from '../layers/parameters.ts';
import type { VisionConfig } from './architecture.ts';
import { denseResNet } from './denseResNet.ts';
import { denseTransformer } from './denseTransformer.ts';
import { DOWNSAMPLING } from './modifiedResNet.ts';
import { tokenGradient } from './tokenGradient.ts';

/**
 * Minimum number of cells per side of an attention pool. With two cells, the dense branch
 * locates objects far worse than sliding windows, even in enlarged images.
 */
const MIN_CELLS = 3;

/**
 * The dense branch of an image encoder; null for a ResNet with too few cells, and for a vision transformer whose
 * patches do not fill the image.
 * @param parameters with the names of openai/CLIP
 */
export function denseGraphs(
  vision: VisionConfig,
  parameters: Parameters,
  options: ImageGraphOptions,
): DenseGraphs | null {
  const visual = below(parameters, 'visual.');
  if (vision.kind === 'modifiedResNet') {
    if (vision.imageSize / DOWNSAMPLING < MIN_CELLS) return null;
    return { graph: denseResNet(vision, visual, options), gradient: null, onlyPhotos: false };
  }
  if (vision.imageSize % vision.patchSize !== 0) return null;
  return {
    graph: denseTransformer(vision, visual, options),
    gradient: tokenGradient(vision, visual, options.precision),
    onlyPhotos: false,
  };
}
