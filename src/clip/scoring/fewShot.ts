import { minimise } from './lbfgs.ts';
import type { LinearScores } from './types.ts';

/**
 * Few-shot classification: a linear probe on frozen image embeddings (paper, section 3.2 and appendix A.3), multinomial
 * logistic regression by L-BFGS. Unlike the paper, it uses the unit embeddings of the joint space instead of the
 * features before the projection: an index has them, and class names can be a prior.
 */
export interface Examples {
  /** [N, D] row-major, unit rows. */
  readonly embeddings: Float32Array;
  /** D */
  readonly columns: number;
  /** [N] class of each row, from 0. */
  readonly labels: Uint32Array;
  /** C; each class needs an example, or a prior. */
  readonly classes: number;
}

export interface ProbeOptions {
  /**
   * Weight of the penalty, 1 / C in scikit-learn. Default: the best value on styles that the bundled model was not
   * trained on.
   */
  readonly l2?: number | undefined;
  /**
   * Prior: the classifier that the penalty pulls the weights towards, instead of zero; usually zeroShotClassifier. Its
   * influence is large with few examples and small with many.
   */
  readonly prior?: LinearScores | undefined;
}

/**
 * The best values on ten tasks with 1 to 16 examples a class (`npm run evaluate`); half or twice as much changes
 * little. Alternatives to the prior were worse: Tip-Adapter (2111.03930) by 2 points on average, mixing the weights of
 * probe and names (2109.01903) by 1.
 */
const L2 = 0.1;
const L2_WITH_PRIOR = 0.03;

/**
 * Weights [C, D] and bias [C] that minimise Σᵢ −log softmax(W·xᵢ + b)[yᵢ] + l2/2 · ‖W − W₀‖², with W₀ from the prior or
 * zero. Deterministic. The scores are linear, so `rank` and `tag` of the inference process can apply them to a whole
 * index.
 * @throws RangeError where the numbers of labels and embeddings differ
 */
export function trainLinearProbe(examples: Examples, options: ProbeOptions = {}): LinearScores {
  const { prior, l2 = prior ? L2_WITH_PRIOR : L2 } = options;
  const { embeddings, columns, labels, classes } = examples;
  if (embeddings.length !== labels.length * columns) {
    throw new RangeError(`${labels.length} labels for ${embeddings.length / columns} embeddings.`);
  }
  const outside = labels.find((label) => label >= classes);
  if (outside !== undefined) throw new RangeError(`Label ${outside} is not one of ${classes} classes.`);
  const size = classes * columns;
  const start = new Float64Array(size + classes);
  if (prior) {
    start.set(prior.weights);
    start.set(prior.bias, size);
  }
  const { x } = minimise((at, gradient) => probeLoss(examples, l2, start, at, gradient), start);
  return { weights: Float32Array.from(x.subarray(0, size)), bias: Float32Array.from(x.subarray(size)) };
}

/**
 * The loss of trainLinearProbe and its gradient. The bias is free, as in scikit-learn.
 * @param parameters weights [C, D], then bias [C]; `origin` and `gradient` have the same layout
 */
export function probeLoss(
  { embeddings, columns, labels, classes }: Examples,
  l2: number,
  origin: Float64Array,
  parameters: Float64Array,
  gradient: Float64Array,
): number {
  const size = classes * columns;
  gradient.fill(0);
  let loss = 0;
  for (let i = 0; i < size; i++) {
    const difference = (parameters[i] ?? 0) - (origin[i] ?? 0);
    loss += (l2 / 2) * difference * difference;
    gradient[i] = l2 * difference;
  }
  const logits = new Float64Array(classes);
  labels.forEach((label, row) => {
    const x = embeddings.subarray(row * columns, (row + 1) * columns);
    let most = -Infinity;
    for (let c = 0; c < classes; c++) {
      let sum = parameters[size + c] ?? 0;
      for (let j = 0, at = c * columns; j < columns; j++, at++) sum += (parameters[at] ?? 0) * (x[j] ?? 0);
      logits[c] = sum;
      most = Math.max(most, sum);
    }
    let total = 0;
    for (const logit of logits) total += Math.exp(logit - most);
    loss += most + Math.log(total) - (logits[label] ?? 0);
    for (let c = 0; c < classes; c++) {
      // Predicted minus expected probability.
      const excess = Math.exp((logits[c] ?? 0) - most) / total - (c === label ? 1 : 0);
      gradient[size + c] = (gradient[size + c] ?? 0) + excess;
      for (let j = 0, at = c * columns; j < columns; j++, at++) {
        gradient[at] = (gradient[at] ?? 0) + excess * (x[j] ?? 0);
      }
    }
  });
  return loss;
}

/** The classifier from class names (paper, section 3.1.2): logit scale · text embeddings, no bias. */
export function zeroShotClassifier(texts: readonly Float32Array[], logitScale: number): LinearScores {
  const columns = texts[0]?.length ?? 0;
  const weights = new Float32Array(texts.length * columns);
  texts.forEach((text, c) => {
    weights.set(
      text.map((value) => value * logitScale),
      c * columns,
    );
  });
  return { weights, bias: new Float32Array(texts.length) };
}
