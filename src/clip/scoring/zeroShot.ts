/** Zero-shot classification (paper, section 3.1.2): which one of these labels is it? */
import { dot } from '../base/vectors.ts';

/** Probabilities that add to 1; shifted by the largest logit so that exp never overflows. */
export function softmax(logits: readonly number[]): number[] {
  const largest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/**
 * The paper's zero-shot classifier: softmax over labels of logit scale · cosine. Labels compete, so this answers "which one
 * of these"; for tags, where several labels or none may hold, see confidenceScores in calibration.ts.
 * @param image unit vector [D]
 * @param labels unit vectors [L] of [D]
 * @returns probabilities [L]
 */
export function classify(image: Float32Array, labels: readonly Float32Array[], logitScale: number): number[] {
  return softmax(labels.map((label) => logitScale * dot(image, label)));
}
