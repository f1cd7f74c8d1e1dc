import path from 'node:path';
import * as z from 'zod';
import { parseJson } from '../../base/parseJson.ts';
import { readRegularText } from '../../base/regularFile.ts';
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
 * Recognises labels that name a kind of image ("photo", "screenshot"). The last K values of an embedding are the
 * probabilities of the kinds, times a scale. The other values hardly tell kinds apart.
 */
export interface KindCalibration {
  /** K */
  readonly count: number;
  /** [K, D − K] the product with the unit direction of a text tells how much the text is the name of a kind: 0 to 1. */
  readonly named: Float32Array;
  /** The products from which on a text names a kind in part, and entirely. */
  readonly from: number;
  readonly to: number;
  /** Factor of the probabilities in an embedding. */
  readonly scale: number;
}

/** Mean [D] and covariance [D, D] of image embeddings. */
export type ImageDistribution = Pick<Moments, 'mean' | 'covariance'>;

/** Maximum size of the file, in bytes: far more than a covariance of 2048 dimensions takes. */
const LARGEST = 100_000_000;

/** An array in JSON: its shape, and little-endian float32 values in base64. */
const array = z.object({ shape: z.array(z.int().positive()), float32: z.base64() });

/** The file that models/training/calibrate.py writes: p = sigmoid(a·z + b), and the reference distribution of z. */
const calibrationSchema = z.object({
  a: z.number().positive(),
  b: z.number(),
  textMean: array,
  imageMean: array,
  imageCovariance: array,
  kinds: z.object({ named: array, from: z.number(), to: z.number(), scale: z.number().positive() }).optional(),
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
  const content = await readRegularText(file, LARGEST)
    .then((text) => calibrationSchema.parse(parseJson(text)))
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
  { named, from, to, scale }: NonNullable<z.infer<typeof calibrationSchema>['kinds']>,
  dimensions: number,
  values: (source: z.infer<typeof array>, ...expected: number[]) => Float32Array,
): KindCalibration {
  const [count = 0] = named.shape;
  return { count, named: values(named, count, dimensions - count), from, to, scale };
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
    const gain = calibration.slope / spreadOf(direction, distribution);
    const row = weights.subarray(j * dimensions, (j + 1) * dimensions);
    row.set(direction.map((value) => value * gain));
    bias[j] = calibration.intercept - gain * dot(direction, distribution.mean);
    if (calibration.kinds) bias[j] = scoreNamedKinds(row, bias[j], direction, calibration.kinds);
  });
  return { weights, bias };
}

/**
 * Logits of a label that is the name of a kind, for images that the model certainly takes for another kind, and for
 * this kind. On pictures unlike its training data, the model is wrong about a quarter of the kinds.
 */
const [OTHER_KIND, SAME_KIND] = [-5, 1];

/**
 * Replaces the score of a label by the probability of the kind that the label names, as far as it names one.
 * @param row [D] weights of the label, which are changed
 * @returns the bias of the label
 */
function scoreNamedKinds(row: Float32Array, bias: number, direction: Float32Array, kinds: KindCalibration): number {
  const { count, named, from, to, scale } = kinds;
  const size = direction.length - count;
  // Texts have zeros in place of the kinds; images do not, and name nothing.
  if (direction.subarray(size).some((value) => value !== 0)) return bias;
  const own = normalised(direction.subarray(0, size));
  const shares = Float32Array.from({ length: count }, (_, kind) => {
    const product = dot(own, named.subarray(kind * size, (kind + 1) * size));
    return Math.min(1, Math.max(0, (product - from) / (to - from)));
  });
  const total = shares.reduce((sum, share) => sum + share, 0);
  if (total === 0) return bias;
  const part = Math.min(1, total);
  for (let i = 0; i < size; i++) row[i] = (row[i] ?? 0) * (1 - part);
  for (const [kind, share] of shares.entries()) {
    row[size + kind] = ((part * share) / total) * ((SAME_KIND - OTHER_KIND) / scale);
  }
  return bias * (1 - part) + OTHER_KIND * part;
}

/** Standard deviation of the similarities with a direction. */
export function spreadOf(direction: Float32Array, { covariance }: ImageDistribution): number {
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

/** Logit → confidence in 0..1. */
export function confidenceOf(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

/** Confidence → logit; 0 and 1 become −∞ and ∞. */
export function logitOf(confidence: number): number {
  return Math.log(confidence / (1 - confidence));
}
