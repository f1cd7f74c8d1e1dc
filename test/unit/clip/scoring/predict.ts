import type { LinearScores } from '../../../../src/clip/scoring/types.ts';

/**
 * The class probabilities of a linear probe.
 * @param image unit vector [D]
 * @returns [C]
 */
export function predict({ weights, bias }: LinearScores, image: Float32Array): number[] {
  const logits = Array.from(bias, (offset, c) =>
    image.reduce((sum, value, j) => sum + (weights[c * image.length + j] ?? 0) * value, offset),
  );
  const largest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}
