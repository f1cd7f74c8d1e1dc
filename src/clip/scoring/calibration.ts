import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { UserError, messageOf } from '../../base/userError.ts';
import type { ModelFolder } from '../base/manifest.ts';
import type { LinearScores, Moments } from './types.ts';
import { dot, minus, normalised } from '../base/vectors.ts';

/**
 * Confidences: the probability that an image has a label, independent of other labels.
 *
 * A softmax over the labels cannot express "none" or "both". Here label j is a direction w_j = t_j − t̄ (t̄: mean
 * embedding of a bank of neutral prompts, so that images which are similar to every text gain nothing). The similarity
 * f·w_j of an image is compared with the distribution of similarities over images of all kinds: z = (f·w_j − w_j·m) /
 * √(w_jᵀ S w_j), with m and S the mean and covariance of a reference sample that comes with the model (subtracting the
 * modality means is Distribution Normalization, 2302.11084). A logistic function of z, fitted once on styles that the
 * model was not trained on, gives a probability. Everything is affine in f, so one MatMul scores all images against all
 * labels.
 *
 * The reference sample is used instead of the user's own images. In a folder that contains only arrows, "arrow" would
 * be the mean, and no image would get the label. A tag also does not change when other files are added or removed.
 */
export interface Calibration {
  /**
   * For models trained with a sigmoid loss (2303.15343): p = sigmoid(scale · cosine + bias), which needs no
   * distribution. Null for other models.
   */
  readonly sigmoid: { readonly scale: number; readonly bias: number } | null;
  /** p = sigmoid(slope · z + intercept) */
  readonly slope: number;
  readonly intercept: number;
  /** [D] mean embedding of the neutral prompts. */
  readonly textMean: Float32Array;
  /** The distribution of embeddings of images of all kinds; null for models without a reference sample. */
  readonly reference: ImageDistribution | null;
  /** For models whose embeddings end with the kind of the image; null for other models. */
  readonly kinds: KindCalibration | null;
}

/**
 * Adjusts scores to the kind of an image (icon, photo, ...). The last K values of an embedding are the probabilities of
 * the kinds, so the adjustment is linear in the embedding, too.
 */
export interface KindCalibration {
  /** [K, D − K] the mean of the other values of the embeddings of each kind, by linear regression. */
  readonly centre: Float32Array;
  /** [K] what a kind adds to the logit of all labels. */
  readonly intercepts: Float32Array;
}

/** Mean [D] and covariance [D, D] of image embeddings. */
export type ImageDistribution = Pick<Moments, 'mean' | 'covariance'>;

/** An array in JSON: its shape, and little-endian float32 values in base64. */
const array = z.object({ shape: z.array(z.int().positive()), float32: z.base64() });

/** The file that models/training/calibrate.py writes: p = sigmoid(a·z + b), and the reference distribution of z. */
const calibrationSchema = z.object({
  a: z.number().positive(),
  b: z.number(),
  textMean: array,
  imageMean: array,
  imageCovariance: array,
  kinds: z.object({ centre: array, intercepts: array }).optional(),
});

/**
 * The calibration of a model. Without a calibration file, confidences come from the model's own sigmoid where it has
 * one. Otherwise the user's images are the reference, and slope and intercept are a rule of thumb, as `doctor` reports.
 * @throws UserError where the file is missing or does not fit the model
 */
export async function readCalibration(model: ModelFolder): Promise<Calibration> {
  const { embeddingSize: dimensions, logitScale, logitBias } = model.manifest;
  if (model.manifest.calibration === null) {
    const sigmoid = logitBias === undefined ? null : { scale: logitScale, bias: logitBias };
    return { ...uncalibrated(dimensions), sigmoid };
  }
  const file = path.join(model.folder, model.manifest.calibration);
  const content = await readFile(file, 'utf8')
    .then((text) => calibrationSchema.parse(JSON.parse(text)))
    .catch((error: unknown) => {
      throw new UserError(`${file} is missing or damaged (${messageOf(error)}). Convert or install the model again.`);
    });
  const values = ({ shape, float32 }: z.infer<typeof array>, ...expected: number[]): Float32Array => {
    const bytes = Buffer.from(float32, 'base64');
    if (shape.join() !== expected.join() || bytes.length !== 4 * expected.reduce((a, b) => a * b)) {
      throw new UserError(
        `${file} does not match the model: it has an array of [${shape.join(', ')}] instead of [${expected.join(', ')}]. Convert or install the model again.`,
      );
    }
    return Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(i * 4));
  };
  return {
    sigmoid: null,
    slope: content.a,
    intercept: content.b,
    textMean: values(content.textMean, dimensions),
    reference: {
      mean: values(content.imageMean, dimensions),
      covariance: values(content.imageCovariance, dimensions, dimensions),
    },
    kinds: content.kinds ? kindsOf(content.kinds, dimensions, values) : null,
  };
}

function kindsOf(
  { centre, intercepts }: NonNullable<z.infer<typeof calibrationSchema>['kinds']>,
  dimensions: number,
  values: (source: z.infer<typeof array>, ...expected: number[]) => Float32Array,
): KindCalibration {
  const [count = 0] = intercepts.shape;
  return { centre: values(centre, count, dimensions - count), intercepts: values(intercepts, count) };
}

function uncalibrated(dimensions: number): Omit<Calibration, 'sigmoid'> {
  return {
    // Not fitted: a tag reaches 0.15 at 1.5 standard deviations above the mean, and 0.5 at 2.5.
    slope: 1.7,
    intercept: -4.3,
    textMean: new Float32Array(dimensions),
    reference: null,
    kinds: null,
  };
}

/** Weight of the prior in ownDistribution, in images. */
const PRIOR_IMAGES = 10;

/**
 * The distribution of the user's own images, for a model without a reference. Their covariance is shrunk towards an
 * isotropic one (Ledoit–Wolf's target, with a fixed weight), so that confidences stay low with only a few images.
 */
export function ownDistribution({ count, mean, covariance }: Moments): ImageDistribution {
  const dimensions = mean.length;
  const total = count + PRIOR_IMAGES;
  const isotropic = PRIOR_IMAGES / total / dimensions;
  const shrunk = covariance.map((value) => (value * count) / total);
  for (let i = 0; i < dimensions; i++) {
    const diagonal = i * dimensions + i;
    shrunk[diagonal] = (shrunk[diagonal] ?? 0) + isotropic;
  }
  return { mean, covariance: shrunk };
}

/**
 * Linear scores whose logistic is the confidence that an image has a label.
 * @param directions [L] of [D]: the direction of each label, centred (centredText or a sum of such). Only with the
 * model's own sigmoid do their lengths matter.
 */
export function confidenceScores(
  directions: readonly Float32Array[],
  distribution: ImageDistribution,
  calibration: Calibration,
): LinearScores {
  const dimensions = distribution.mean.length;
  const weights = new Float32Array(directions.length * dimensions);
  const bias = new Float32Array(directions.length);
  directions.forEach((direction, j) => {
    if (calibration.sigmoid) {
      const { scale, bias: shift } = calibration.sigmoid;
      weights.set(
        direction.map((value) => value * scale),
        j * dimensions,
      );
      bias[j] = shift;
      return;
    }
    const { kinds } = calibration;
    const centred = kinds ? centredByKind(direction, kinds) : direction;
    const gain = calibration.slope / spreadOf(centred, distribution);
    const row = weights.subarray(j * dimensions, (j + 1) * dimensions);
    row.set(centred.map((value) => value * gain));
    if (kinds) add(row.subarray(dimensions - kinds.intercepts.length), kinds.intercepts, 1);
    bias[j] = calibration.intercept - gain * dot(centred, distribution.mean);
  });
  return { weights, bias };
}

/** The direction whose similarities are relative to the mean similarity of images of the same kind. [D] → [D] */
function centredByKind(direction: Float32Array, { centre, intercepts }: KindCalibration): Float32Array {
  const size = direction.length - intercepts.length;
  const own = direction.subarray(0, size);
  return direction.map((value, i) =>
    i < size ? value : value - dot(own, centre.subarray((i - size) * size, (i - size + 1) * size)),
  );
}

/** Standard deviation of the similarities with a direction. */
function spreadOf(direction: Float32Array, { covariance }: ImageDistribution): number {
  return Math.sqrt(Math.max(quadraticForm(covariance, direction), 1e-12));
}

/** xᵀ S x, S [D, D] row-major */
function quadraticForm(S: Float32Array, x: Float32Array): number {
  const dimensions = x.length;
  let sum = 0;
  for (let i = 0; i < dimensions; i++) {
    sum += (x[i] ?? 0) * dot(S.subarray(i * dimensions, (i + 1) * dimensions), x);
  }
  return sum;
}

/** The direction of a label: its embedding minus the mean embedding of the neutral prompts. */
export function centredText(embedding: Float32Array, calibration: Calibration): Float32Array {
  return minus(embedding, calibration.textMean);
}

/** A term of a search: a unit embedding of a text or an image, and its weight, which is negative for excluded terms. */
export interface QueryTerm {
  readonly modality: 'text' | 'image';
  readonly embedding: Float32Array;
  readonly weight: number;
}

/**
 * The direction of a weighted sum of texts and images. Texts and images lie in different regions of the joint space
 * (the modality gap, 2203.02053), so each is centred by the mean of its modality and scaled to length 1 before the sum.
 * Only the component of a negative term that is orthogonal to the positive terms is subtracted. Plain subtraction would
 * leave almost nothing of "animal" in "animal -cat", because the two are similar.
 * @returns [D]
 */
export function queryDirection(
  terms: readonly QueryTerm[],
  distribution: ImageDistribution,
  calibration: Calibration,
): Float32Array {
  const centred = ({ modality, embedding }: QueryTerm): Float32Array =>
    normalised(minus(embedding, modality === 'text' ? calibration.textMean : distribution.mean));
  const direction = new Float32Array(distribution.mean.length);
  for (const term of terms) if (term.weight > 0) add(direction, centred(term), term.weight);
  const towards = normalised(direction);
  for (const term of terms) {
    if (term.weight >= 0) continue;
    const negative = centred(term);
    add(negative, towards, -dot(negative, towards)); // Gram–Schmidt; no effect without a positive term
    add(direction, negative, term.weight);
  }
  return direction;
}

/** The scores of images for a query. */
export interface QueryScores {
  readonly scores: LinearScores;
  /** The number of standard deviations by which a logit exceeds the mean of images of all kinds. */
  readonly deviationOf: (logit: number) => number;
}

/**
 * Scores images for a weighted sum of texts and images. With the model's own sigmoid, a single text gets its
 * probability, several texts the mean of their logits minus the negative terms, and negative terms alone the
 * probability that none of them matches. The sigmoid does not apply to similarities of images: queries with an image
 * are compared with the distribution of similarities.
 */
export function queryScores(
  terms: readonly QueryTerm[],
  distribution: ImageDistribution,
  calibration: Calibration,
): QueryScores {
  const { slope, intercept } = calibration;
  const direction = queryDirection(terms, distribution, calibration);
  if (!calibration.sigmoid || terms.some(({ modality }) => modality === 'image')) {
    const scores = confidenceScores([direction], distribution, { ...calibration, sigmoid: null });
    return { scores, deviationOf: (logit) => (logit - intercept) / slope };
  }
  const totalWeight = (subset: readonly QueryTerm[]): number =>
    subset.reduce((total, { weight }) => total + Math.abs(weight), 0);
  const towards = totalWeight(terms.filter(({ weight }) => weight > 0));
  const mean = direction.map((value) => value / (towards || totalWeight(terms) || 1));
  const { scale, bias } = calibration.sigmoid;
  const shift = towards > 0 ? bias : -bias;
  const sigmoid = { scale, bias: shift };
  const [centre, spread] = [scale * dot(mean, distribution.mean) + shift, scale * spreadOf(mean, distribution)];
  return {
    scores: confidenceScores([mean], distribution, { ...calibration, sigmoid }),
    deviationOf: (logit) => (logit - centre) / spread,
  };
}

/** a += weight · b */
function add(a: Float32Array, b: Float32Array, weight: number): void {
  for (let i = 0; i < a.length; i++) a[i] = (a[i] ?? 0) + weight * (b[i] ?? 0);
}

/** Logit → confidence in 0..1. */
export function confidenceOf(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

/** Confidence → logit; 0 and 1 become −∞ and ∞. */
export function logitOf(confidence: number): number {
  return Math.log(confidence / (1 - confidence));
}
