import {
  confidenceScores,
  queryScores,
  type Calibration,
  type ImageDistribution,
  type LinearScores,
} from '../../src/clip/index.ts';
import { dot } from '../../src/clip/base/vectors.ts';
import type { Texts } from './embedded.ts';

/** The logits of linear scores. @returns [images] of [L] */
export function logitsOf(images: readonly Float32Array[], { weights, bias }: LinearScores): Float32Array[] {
  return images.map((image) => {
    const D = image.length;
    return bias.map((shift, l) => shift + dot(image, weights.subarray(l * D, (l + 1) * D)));
  });
}

/** The logits of labels as tags. @param directions [L] of [D] @returns [images] of [L] */
export function tagLogits(
  images: readonly Float32Array[],
  directions: readonly Float32Array[],
  reference: ImageDistribution,
  calibration: Calibration,
): Float32Array[] {
  return logitsOf(images, confidenceScores(directions, reference, calibration));
}

/**
 * The scores of searches in the index for one text each. File names and colours do not count.
 * @returns [queries] of [images]
 */
export async function searchScores(
  texts: Texts,
  calibration: Calibration,
  images: readonly Float32Array[],
  queries: readonly string[],
): Promise<Float32Array[]> {
  const embedded = await texts.embedLabels(queries, ['{}']);
  const D = texts.dimensions;
  // Without a reference, the scores of one text have an unknown scale, which does not change their order.
  const distribution = calibration.reference ?? { mean: new Float32Array(D), covariance: new Float32Array(D * D) };
  return embedded.map((embedding) => {
    const { scores } = queryScores([{ modality: 'text', embedding, weight: 1 }], distribution, calibration);
    return Float32Array.from(logitsOf(images, scores), ([logit]) => logit ?? NaN);
  });
}
