/** Zero-shot classification (paper, section 3.1.2). */
import { dot } from '../base/vectors.ts';

/** Probabilities that add up to 1. The largest logit is subtracted, so that exp does not overflow. */
export function softmax(logits: readonly number[]): number[] {
  const largest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/**
 * The paper's zero-shot classifier: softmax over labels of logit scale · cosine. Exactly one label is assumed to be right; for tags,
 * where several labels or none may be right, see confidenceScores in calibration.ts.
 * @param image unit vector [D]
 * @param labels unit vectors [L] of [D]
 * @returns probabilities [L]
 */
export function classify(image: Float32Array, labels: readonly Float32Array[], logitScale: number): number[] {
  return softmax(labels.map((label) => logitScale * dot(image, label)));
}
