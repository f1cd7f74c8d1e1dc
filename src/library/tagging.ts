import { setImmediate as nextTurn } from 'node:timers/promises';
import { centredText, confidenceOf, confidenceScores, logitOf } from '../clip/index.ts';
import type { Label, LinearScores, SparseTags } from '../clip/index.ts';
import { rowOf, type EmbeddingMatrix } from './embeddingMatrix.ts';
import { imagePages, type IndexedImage } from './images.ts';
import type { Library } from './library.ts';
import { labelVectors } from './textVectors.ts';
import { inside } from './store.ts';

/**
 * Tags are suggestions: at this confidence about one in three is what the picture's name says, two in three what a person would
 * accept (the tables of the bundled model's card), and half again as many are found as at 0.3.
 */
export const DEFAULT_THRESHOLD = 0.15;

export interface Tag {
  readonly label: string;
  /** Confidence that the label holds, 0 to 1, at least the label's threshold. */
  readonly score: number;
}

export interface TaggedImage extends IndexedImage {
  /** Best first; empty where no label holds. */
  readonly tags: readonly Tag[];
}

export interface TagOptions {
  /** Most tags an image. Default: 10. */
  readonly limit?: number | undefined;
  /** Threshold of labels that have none of their own, 0 to 1. Default: DEFAULT_THRESHOLD. */
  readonly threshold?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Scores every indexed image against every label, from the stored embeddings alone, and yields the images with their tags, by
 * path, in pages.
 * @param templates what label names are put into; see templateSets
 */
export async function* tagLibrary(
  library: Library,
  labels: readonly Label[],
  templates: readonly string[],
  options: TagOptions = {},
): AsyncGenerator<TaggedImage[]> {
  const matrix = await library.matrix();
  if (matrix.contents.length === 0) return;
  const tags = await tagRows(library, matrix, labels, templates, options);
  for await (const images of imagePages(library[inside].database)) {
    options.signal?.throwIfAborted();
    const page: TaggedImage[] = [];
    for (const { content, image } of images) {
      const row = rowOf(matrix.contents, content); // -1: it came while we scored
      if (row >= 0) page.push({ ...image, tags: tagsOf(tags, row, labels) });
    }
    yield page;
  }
}

/** Labels whose scores are made without a pause; each takes D² multiplications. */
const LABELS = 8;

async function tagRows(
  library: Library,
  matrix: EmbeddingMatrix,
  labels: readonly Label[],
  templates: readonly string[],
  { limit = 10, threshold = DEFAULT_THRESHOLD, signal }: TagOptions,
): Promise<SparseTags> {
  if (labels.length === 0 || limit < 1) {
    const offsets = new Uint32Array(matrix.contents.length + 1);
    return { offsets, labels: new Uint32Array(), logits: new Float32Array() };
  }
  const vectors = await labelVectors(library, labels, templates, signal);
  const scores = await labelScores(library, matrix, vectors, signal);
  const minimum = Float32Array.from(labels, (label) => logitOf(label.threshold ?? threshold));
  return library.inference.tag(matrix.source, scores, minimum, limit, signal);
}

async function labelScores(
  library: Library,
  matrix: EmbeddingMatrix,
  vectors: readonly Float32Array[],
  signal?: AbortSignal,
): Promise<LinearScores> {
  const distribution = await library.distribution(matrix, signal);
  const calibration = await library.calibration();
  const columns = library[inside].model.columns;
  const weights = new Float32Array(vectors.length * columns);
  const bias = new Float32Array(vectors.length);
  for (let start = 0; start < vectors.length; start += LABELS) {
    signal?.throwIfAborted();
    const directions = vectors.slice(start, start + LABELS).map((vector) => centredText(vector, calibration));
    const part = confidenceScores(directions, distribution, calibration);
    weights.set(part.weights, start * columns);
    bias.set(part.bias, start);
    await nextTurn();
  }
  return { weights, bias };
}

function tagsOf(tags: SparseTags, row: number, labels: readonly Label[]): Tag[] {
  const found: Tag[] = [];
  for (let i = tags.offsets[row] ?? 0; i < (tags.offsets[row + 1] ?? 0); i++) {
    const label = labels[tags.labels[i] ?? 0];
    if (label) found.push({ label: label.name, score: confidenceOf(tags.logits[i] ?? 0) });
  }
  return found;
}
