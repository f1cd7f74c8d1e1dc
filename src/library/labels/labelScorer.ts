import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  centredText,
  confidenceScores,
  logitOf,
  promptsOf,
  queryScores,
  type Calibration,
  type ImageDistribution,
  type Label,
  type LinearScores,
  type QueryScores,
  type QueryTerm,
} from '../../clip/index.ts';
import type { Library } from '../library.ts';
import type { EmbeddingMatrix } from '../store/embeddingMatrix.ts';
import { embedPrompts, storedTextEmbeddings } from './textEmbeddings.ts';

/**
 * Default threshold of a label. From this confidence, three of five tags match the name of the picture (tables in the
 * card of the bundled model).
 */
export const DEFAULT_THRESHOLD = 0.3;

/**
 * Share of its threshold from which a label is a maybe label of an image. From 0.15 to 0.3, about a third of the labels
 * apply. They are a second tier: shown apart, and never in alternative texts.
 */
export const MAYBE_FROM = 0.5;

/** Labels that share prompt templates. */
export interface LabelSet {
  readonly name: string;
  readonly labels: readonly Label[];
  /** Prompt templates, see templateSets. */
  readonly templates: readonly string[];
  /** Threshold of the labels that have none, 0 to 1. */
  readonly threshold?: number | undefined;
}

/** A label with everything that its score depends on: one row of the linear scores. */
export interface LabelRow {
  readonly label: Label;
  /** Name of the label set. */
  readonly set: string;
  /** Prompts whose mean embedding represents the label. */
  readonly prompts: readonly string[];
  /** Confidence from which the label applies, 0 to 1. */
  readonly threshold: number;
}

/** A text term of a search. */
export interface TextTerm {
  /** The text, as a label name. */
  readonly label: Label;
  readonly prompts: readonly string[];
  /** Negative for a term to avoid. */
  readonly weight: number;
}

/** Lists the labels of all sets in order, with the thresholds and prompts that apply. */
export function labelRows(sets: readonly LabelSet[], defaultThreshold = DEFAULT_THRESHOLD): LabelRow[] {
  return sets.flatMap(({ name, labels, templates, threshold }) =>
    labels.map((label) => ({
      label,
      set: name,
      prompts: promptsOf(label, templates),
      threshold: label.threshold ?? threshold ?? defaultThreshold,
    })),
  );
}

/**
 * Returns the minimum logit at which a label applies. It is rounded to float32, in which the inference process
 * compares, so that a score equal to the threshold counts.
 */
export function leastLogit(threshold: number): number {
  return Math.fround(logitOf(threshold));
}

/** Number of rows that are computed without a pause; each takes D² multiplications. */
const ROWS = 8;

/**
 * Turns labels into linear scores of image embeddings: the logistic of `weights[l] · f + bias[l]` is the confidence
 * that label l applies to an image with embedding f. Tags, the scores of one image, the preview of a label and searches
 * all get their rows here, so a classifier that replaces the zero-shot row of a label belongs in `#rows` and
 * affects all of them.
 */
export class LabelScorer {
  readonly #library: Library;
  readonly #distribution: ImageDistribution;
  readonly #calibration: Calibration;

  private constructor(library: Library, distribution: ImageDistribution, calibration: Calibration) {
    this.#library = library;
    this.#distribution = distribution;
    this.#calibration = calibration;
  }

  /** @param matrix the embeddings that calibrate a model without a reference distribution */
  static async load(library: Library, matrix: EmbeddingMatrix, signal?: AbortSignal): Promise<LabelScorer> {
    const distribution = await library.distribution(matrix, signal);
    return new LabelScorer(library, distribution, await library.calibration());
  }

  /**
   * Scores the labels of label sets. The index stores the text embeddings.
   * @returns weights [L, D] and bias [L], aligned with the rows
   * @throws the signal's reason if it aborts
   */
  async score(rows: readonly LabelRow[], signal?: AbortSignal): Promise<LinearScores> {
    const prompts = rows.map((row) => row.prompts);
    return this.#rows(rows, await storedTextEmbeddings(this.#library, prompts, signal), signal);
  }

  /**
   * Scores a label that the user is still editing. Nothing is stored.
   * @returns weights [1, D] and bias [1]
   * @throws the signal's reason if it aborts
   */
  async scoreDraft(row: Pick<LabelRow, 'label' | 'prompts'>, signal?: AbortSignal): Promise<LinearScores> {
    return this.#rows([row], await embedPrompts(this.#library, [row.prompts], signal), signal);
  }

  /**
   * Scores a weighted sum of texts and images. A query of one text is a search for the label of that name.
   * @throws the signal's reason if it aborts
   */
  async scoreQuery(
    texts: readonly TextTerm[],
    images: readonly QueryTerm[],
    signal?: AbortSignal,
  ): Promise<QueryScores> {
    const prompts = texts.map((term) => term.prompts);
    const embeddings = prompts.length > 0 ? await embedPrompts(this.#library, prompts, signal) : [];
    const terms = embeddings.map((embedding, i): QueryTerm => ({
      modality: 'text',
      weight: texts[i]?.weight ?? 0,
      embedding,
    }));
    const query = queryScores([...terms, ...images], this.#distribution, this.#calibration);
    const [only] = texts;
    const isLabel = only !== undefined && only.weight > 0 && texts.length + images.length === 1;
    return isLabel ? { ...query, scores: await this.#rows(texts, embeddings, signal) } : query;
  }

  /** Computes the zero-shot row of each label from its text embedding. */
  async #rows(
    labels: readonly Pick<LabelRow, 'label'>[],
    embeddings: readonly Float32Array[],
    signal?: AbortSignal,
  ): Promise<LinearScores> {
    const columns = this.#distribution.mean.length;
    const weights = new Float32Array(labels.length * columns);
    const bias = new Float32Array(labels.length);
    for (let start = 0; start < labels.length; start += ROWS) {
      signal?.throwIfAborted();
      const directions = embeddings.slice(start, start + ROWS).map((text) => centredText(text, this.#calibration));
      const part = confidenceScores(directions, this.#distribution, this.#calibration);
      weights.set(part.weights, start * columns);
      bias.set(part.bias, start);
      await nextTurn();
    }
    return { weights, bias };
  }
}
