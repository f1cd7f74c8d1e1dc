import * as ort from 'onnxruntime-node';
import { CellVectors } from '../../heatmaps/cellMaps.ts';
import type { DenseBranch } from '../../heatmaps/denseBranch.ts';
import { floatOutput, type LazySession } from '../encoders/sessions.ts';
import { PromptGradient } from './promptGradient.ts';

/**
 * The dense branch of a converted model.
 * @param gradient null where the dense graph itself has the contributions of cells
 * @param input `size`: pixels a side; `onlyPhotos`: whether the graph tells that it does not apply to an image
 */
export function convertedDense(
  dense: LazySession,
  gradient: LazySession | null,
  { size, onlyPhotos }: { readonly size: number; readonly onlyPhotos: boolean },
): DenseBranch {
  return {
    onlyPhotos,
    why: gradient ? 'backwardPass' : 'attentionPool',
    run: (pixels) =>
      dense.use(async (session) => {
        const outputs = await session.run({ pixels: new ort.Tensor('uint8', pixels, [1, size, size, 3]) });
        if (onlyPhotos && floatOutput(outputs, 'applies')[0] !== 1) return null;
        const embedding = floatOutput(outputs, 'embedding');
        return {
          embedding,
          cells: floatOutput(outputs, 'cells'),
          contributions: gradient
            ? new PromptGradient(gradient, outputs, embedding.length)
            : new CellVectors(floatOutput(outputs, 'shares'), embedding.length),
          lengths: gradient ? floatOutput(outputs, 'lengths') : null,
        };
      }),
  };
}
