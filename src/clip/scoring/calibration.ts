import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { UserError, messageOf } from '../../base/userError.ts';
import type { ModelFolder } from '../base/manifest.ts';
import type { LinearScores, Moments } from './types.ts';
import { dot, minus, normalised } from '../base/vectors.ts';

/**
 * Confidences: how sure the model is that a label holds for an image, each label by itself.
 *
 * A softmax over the label list cannot say "none" or "both". Here label j is a direction w_j = t_j − t̄ (t̄: mean embedding of
 * a bank of neutral prompts, so that images which are near to every text gain nothing), and an image's similarity f·w_j is
 * measured by how that label's similarities are spread over images of all kinds: z = (f·w_j − w_j·m) / √(w_jᵀ S w_j), with m
 * and S the mean and covariance of a reference sample that comes with the model (subtracting the modality means is
 * Distribution Normalization, 2302.11084). A logistic of z, fitted once on styles that the model never saw, makes it a
 * probability. All of it is affine in f: one MatMul scores every image against every label.
 *
 * The reference alone, and not the user's own images: in a folder of nothing but arrows "arrow" would be the mean, and hold
 * for none. It also keeps a tag from changing when other files come and go.
 */
export interface Calibration {
  /**
   * Of models that learned it, what makes of an image and a text how probable it is that they belong together, without a
   * distribution: p = sigmoid(scale · cosine + bias) (SigLIP, 2303.15343). Null for others.
   */
  readonly sigmoid: { readonly scale: number; readonly bias: number } | null;
  /** p = sigmoid(slope · z + intercept) */
  readonly slope: number;
  readonly intercept: number;
  /** [D] mean embedding of the neutral prompts. */
  readonly textMean: Float32Array;
  /** How image embeddings of all kinds are spread; null where the model comes without. */
  readonly reference: ImageDistribution | null;
}

/** mean [D] and covariance [D, D] of image embeddings. */
export type ImageDistribution = Pick<Moments, 'mean' | 'covariance'>;

/** An array in JSON: its shape, and little-endian float32 in base64. */
const array = z.object({ shape: z.array(z.int().positive()), float32: z.base64() });

/** What models/training/calibrate.py writes: p = sigmoid(a·z + b), and what z is measured against. */
const calibrationSchema = z.object({
  a: z.number().positive(),
  b: z.number(),
  textMean: array,
  imageMean: array,
  imageCovariance: array,
});

/**
 * The calibration of a model. One without a file of its own may have learned probabilities (SigLIP). For others (a converted CLIP) the
 * user's images are the only ones to measure against, and slope and intercept are a rule of thumb: `doctor` says so.
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
        `${file} does not fit the model: an array of [${shape.join(', ')}] where [${expected.join(', ')}] belongs.`,
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
  };
}

function uncalibrated(dimensions: number): Omit<Calibration, 'sigmoid'> {
  return {
    // Not fitted: a tag is shown (from 0.15) at one and a half standard deviations above the mean, and likely from two and a half.
    slope: 1.7,
    intercept: -4.3,
    textMean: new Float32Array(dimensions),
    reference: null,
  };
}

/** As many images as the spread of a few is mixed with, in images: two alike say nothing of how a third would differ. */
const PRIOR_IMAGES = 10;

/**
 * What a model without a reference measures against: the user's own images. Their covariance is shrunk towards one that is
 * equal in all directions (Ledoit–Wolf's target, with a fixed weight), so that a handful of images makes no label sure.
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
 * Linear scores whose logistic is the confidence that a label holds.
 * @param directions [L] of [D]: what each label looks for, centred (centredText or a sum of such); with a sigmoid of the model's own
 * their lengths count
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
    const spread = spreadOf(direction, distribution);
    const gain = calibration.slope / spread;
    weights.set(
      direction.map((value) => value * gain),
      j * dimensions,
    );
    bias[j] = calibration.intercept - gain * dot(direction, distribution.mean);
  });
  return { weights, bias };
}

/** Standard deviation of the similarities of a direction. */
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

/** What a label looks for: its embedding without what all texts share. Only its direction counts in confidenceScores. */
export function centredText(embedding: Float32Array, calibration: Calibration): Float32Array {
  return minus(embedding, calibration.textMean);
}

/** One term of a search: a unit embedding of a text or an image, and its weight (negative: away from it). */
export interface QueryTerm {
  readonly modality: 'text' | 'image';
  readonly embedding: Float32Array;
  readonly weight: number;
}

/**
 * The direction that a weighted sum of texts and images looks for. Texts and images live in different regions of the joint
 * space (the modality gap, 2203.02053): each is centred by its own modality's mean and brought to length 1 before the sum.
 * Of a negative term only what is its own is taken off, and not what it shares with the positive ones: of "animal -cat" plain
 * subtraction would leave next to nothing of "animal", for the two are near to each other.
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
    const away = centred(term);
    add(away, towards, -dot(away, towards)); // Gram–Schmidt; nothing happens where there is no positive term
    add(direction, away, term.weight);
  }
  return direction;
}

/** How a query scores images. */
export interface QueryScores {
  readonly scores: LinearScores;
  /** Of a logit, how many standard deviations it is above the mean of all kinds of images. */
  readonly deviationOf: (logit: number) => number;
}

/**
 * Scores images for a weighted sum of texts and images. A sigmoid of the model's own tells how probable one text is; of several, the mean
 * of their logits counts, and what negative ones take off; of negative ones alone, how improbable they are. It says nothing of how near
 * two images are to each other: where one is among the terms, similarities are measured by how they are spread.
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
  const sum = (of: readonly QueryTerm[]): number => of.reduce((total, { weight }) => total + Math.abs(weight), 0);
  const towards = sum(terms.filter(({ weight }) => weight > 0));
  const mean = direction.map((value) => value / (towards || sum(terms) || 1));
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
