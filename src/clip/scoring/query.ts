import { dot, minus, normalised } from '../base/vectors.ts';
import { confidenceScores, spreadOf, type Calibration, type ImageDistribution } from './calibration.ts';
import type { LinearScores, RankingScores } from './types.ts';

/** A term of a search: a unit embedding of a text or an image, and its weight, which is negative for excluded terms. */
export interface QueryTerm {
  readonly modality: 'text' | 'image';
  readonly embedding: Float32Array;
  readonly weight: number;
}

/** The scores of images for a query. */
export interface QueryScores {
  readonly scores: RankingScores;
  /** The number of standard deviations by which a logit exceeds the mean of images of all kinds. */
  readonly deviationOf: (logit: number) => number;
}

/**
 * Exponent k of a negative term b: the odds of an image are multiplied by (1 − P(b))^k. With 1, a third of the images
 * that the term names stay among the results; larger exponents also lower the images that only resemble it. See
 * docs/design/scores.md for the measurement.
 */
const EXCLUSION = 5;

/**
 * Scores images for a weighted sum of texts and images without the negative terms. Each negative term has its own
 * confidence, and an image loses only as much as the term applies to it: a direction that moves away from "apple" would
 * also lower the other fruits. A query of negative terms alone is measured in the opposite direction of their sum.
 */
export function queryScores(
  terms: readonly QueryTerm[],
  distribution: ImageDistribution,
  calibration: Calibration,
): QueryScores {
  const positive = terms.filter(({ weight }) => weight > 0);
  const negative = terms.filter(({ weight }) => weight <= 0);
  if (positive.length === 0) return directionScores(negative, -1, distribution, calibration);
  const { scores, deviationOf } = directionScores(positive, 1, distribution, calibration);
  if (negative.length === 0) return { scores, deviationOf };
  // The sigmoid of a model seldom comes close to 1. The distribution tells whether a term applies to an image.
  const excluded = confidenceScores(
    negative.map((term) => queryDirection([{ ...term, weight: 1 }], distribution, calibration)),
    distribution,
    { ...calibration, sigmoid: null },
  );
  const heaviest = Math.max(...positive.map(({ weight }) => weight));
  const exclusions = Float32Array.from(negative, ({ weight }) => (EXCLUSION * -weight) / heaviest);
  return { scores: { ...joined(scores, excluded), exclusions }, deviationOf };
}

function joined(a: LinearScores, b: LinearScores): LinearScores {
  return { weights: Float32Array.of(...a.weights, ...b.weights), bias: Float32Array.of(...a.bias, ...b.bias) };
}

/**
 * Scores a sum of terms that all have the same sign. With the model's own sigmoid, a single text gets its probability,
 * several texts the mean of their logits, and negative texts the probability that none of them matches. The sigmoid
 * does not apply to similarities of images: queries with an image are compared with the distribution of similarities.
 */
function directionScores(
  terms: readonly QueryTerm[],
  sign: 1 | -1,
  distribution: ImageDistribution,
  calibration: Calibration,
): QueryScores {
  const { slope, intercept } = calibration;
  const direction = queryDirection(terms, distribution, calibration);
  if (!calibration.sigmoid || terms.some(({ modality }) => modality === 'image')) {
    const scores = confidenceScores([direction], distribution, { ...calibration, sigmoid: null });
    return { scores, deviationOf: (logit) => (logit - intercept) / slope };
  }
  const total = terms.reduce((sum, { weight }) => sum + Math.abs(weight), 0);
  const mean = direction.map((value) => value / (total || 1));
  const { scale, bias } = calibration.sigmoid;
  const shift = sign * bias;
  const [centre, spread] = [scale * dot(mean, distribution.mean) + shift, scale * spreadOf(mean, distribution)];
  return {
    scores: confidenceScores([mean], distribution, { ...calibration, sigmoid: { scale, bias: shift } }),
    deviationOf: (logit) => (logit - centre) / spread,
  };
}

/**
 * The direction of a weighted sum of texts and images. Texts and images lie in different regions of the joint space
 * (the modality gap, 2203.02053), so each is centred by the mean of its modality and scaled to length 1 before the sum.
 * @returns [D]
 */
export function queryDirection(
  terms: readonly QueryTerm[],
  distribution: ImageDistribution,
  calibration: Calibration,
): Float32Array {
  const direction = new Float32Array(distribution.mean.length);
  for (const { modality, embedding, weight } of terms) {
    const centred = normalised(minus(embedding, modality === 'text' ? calibration.textMean : distribution.mean));
    for (const [i, value] of centred.entries()) direction[i] = (direction[i] ?? 0) + weight * value;
  }
  return direction;
}
