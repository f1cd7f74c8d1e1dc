import { setImmediate as nextTurn } from 'node:timers/promises';
import { centredText, confidenceOf, confidenceScores, logitOf } from '../../clip/index.ts';
import type { Label, LinearScores, SparseTags } from '../../clip/index.ts';
import { rowOf, type EmbeddingMatrix } from '../store/embeddingMatrix.ts';
import { imagePages, type IndexedImage } from '../images.ts';
import type { Library } from '../library.ts';
import { applyManualTags, readManualTags } from './manualTags.ts';
import { labelVectors } from './textVectors.ts';
import { inside } from '../store/store.ts';

/**
 * Tags are suggestions: at this confidence two in five are what the picture's name says, two in three what a person would
 * accept (the tables of the bundled model's card), and a third more are found than at 0.3.
 */
export const DEFAULT_THRESHOLD = 0.15;

/** Labels that belong together, and what their names are put into. */
export interface LabelSet {
  readonly name: string;
  readonly labels: readonly Label[];
  /** See templateSets. */
  readonly templates: readonly string[];
  /** Threshold of labels that have none of their own, 0 to 1. */
  readonly threshold?: number | undefined;
}

export interface Tag {
  readonly label: string;
  /** The name of its label set; empty for a label that was added by hand and is in no set. */
  readonly set: string;
  /** Confidence that the label holds, 0 to 1, at least the label's threshold; 1 where somebody said so. */
  readonly score: number;
  /** Whether somebody gave this tag to the image: scores do not change it. */
  readonly manual: boolean;
}

export interface TaggedImage extends IndexedImage {
  /** Those given by hand first, then the surest; empty where no label holds. */
  readonly tags: readonly Tag[];
  /** Labels that nearly hold, best first, where uncertain were asked for. */
  readonly uncertain: readonly Tag[];
}

export interface TagOptions {
  /** Most tags an image, those given by hand aside. Default: 10. */
  readonly limit?: number | undefined;
  /** Threshold of labels whose sets have none either, 0 to 1. Default: DEFAULT_THRESHOLD. */
  readonly threshold?: number | undefined;
  /** Labels from this share of their threshold on are uncertain. Default: 1, none. */
  readonly guessFrom?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A label of one of the sets, as the rows of the score matrix have them. */
export interface LabelRow {
  readonly label: Label;
  readonly set: string;
  /** Confidence, 0 to 1. */
  readonly threshold: number;
}

/** All labels of the sets with the thresholds that apply. */
export function labelRows(sets: readonly LabelSet[], standard = DEFAULT_THRESHOLD): LabelRow[] {
  return sets.flatMap(({ name, labels, threshold }) =>
    labels.map((label) => ({ label, set: name, threshold: label.threshold ?? threshold ?? standard })),
  );
}

/** Whether a label holds: in float32, as the inference process compares, so that a score on the threshold does. */
export function holdsAt(logit: number, threshold: number): boolean {
  return logit >= Math.fround(logitOf(threshold));
}

/**
 * Scores every indexed image against every label, from the stored embeddings alone, and yields the images with their tags, by
 * path, in pages. Tags given by hand win over scores.
 */
export async function* tagLibrary(
  library: Library,
  sets: readonly LabelSet[],
  options: TagOptions = {},
): AsyncGenerator<TaggedImage[]> {
  const matrix = await library.matrix();
  if (matrix.contents.length === 0) return;
  const rows = labelRows(sets, options.threshold);
  const setOf = new Map(rows.map(({ label, set }) => [label.name, set]));
  const manualTags = readManualTags(library);
  const scored = await tagRows(library, matrix, sets, rows, options);
  for await (const images of imagePages(library[inside].database)) {
    options.signal?.throwIfAborted();
    const page: TaggedImage[] = [];
    for (const { content, image } of images) {
      const row = rowOf(matrix.contents, content); // -1: it came while we scored
      if (row < 0) continue;
      const found = tagsOf(scored, row, rows);
      const tags = found.filter(({ holds }) => holds).map(({ tag }) => tag);
      const uncertain = found.filter(({ holds }) => !holds).map(({ tag }) => tag);
      page.push({ ...image, ...applyManualTags({ tags, uncertain }, manualTags.get(image.hash), setOf) });
    }
    yield page;
  }
}

/** Labels whose scores are made without a pause; each takes D² multiplications. */
const LABELS = 8;

async function tagRows(
  library: Library,
  matrix: EmbeddingMatrix,
  sets: readonly LabelSet[],
  rows: readonly LabelRow[],
  { limit = 10, guessFrom = 1, signal }: TagOptions,
): Promise<SparseTags> {
  if (rows.length === 0 || limit < 1) {
    const offsets = new Uint32Array(matrix.contents.length + 1);
    return { offsets, labels: new Uint32Array(), logits: new Float32Array() };
  }
  const scores = await scoresOfSets(library, matrix, sets, signal);
  const minimum = Float32Array.from(rows, ({ threshold }) => logitOf(threshold * guessFrom));
  return library.inference.tag(matrix.source, scores, minimum, limit, signal);
}

/** What scores image embeddings against the labels of all sets, one after the other: the logits of their confidences. */
export async function scoresOfSets(
  library: Library,
  matrix: EmbeddingMatrix,
  sets: readonly LabelSet[],
  signal?: AbortSignal,
): Promise<LinearScores> {
  const vectors: Float32Array[] = [];
  for (const { labels, templates } of sets) vectors.push(...(await labelVectors(library, labels, templates, signal)));
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

function tagsOf(tags: SparseTags, at: number, rows: readonly LabelRow[]): { tag: Tag; holds: boolean }[] {
  const found: { tag: Tag; holds: boolean }[] = [];
  for (let i = tags.offsets[at] ?? 0; i < (tags.offsets[at + 1] ?? 0); i++) {
    const row = rows[tags.labels[i] ?? 0];
    if (!row) continue;
    const logit = tags.logits[i] ?? 0;
    const tag = { label: row.label.name, set: row.set, score: confidenceOf(logit), manual: false };
    found.push({ tag, holds: holdsAt(logit, row.threshold) });
  }
  return found;
}
