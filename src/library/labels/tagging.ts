import { confidenceOf, logitOf, type SparseTags } from '../../clip/index.ts';
import { imagePages, type IndexedImage } from '../images.ts';
import type { Library } from '../library.ts';
import { rowOf, type EmbeddingMatrix } from '../store/embeddingMatrix.ts';
import { inside } from '../store/store.ts';
import { labelRows, LabelScorer, leastLogit, type LabelRow, type LabelSet } from './labelScorer.ts';
import { applyManualTags, readManualTags } from './manualTags.ts';

export interface Tag {
  readonly label: string;
  /** Name of the label set; empty for a manual label that belongs to no set. */
  readonly set: string;
  /** Confidence that the label applies, 0 to 1; 1 for a manual tag. */
  readonly score: number;
  /** Whether a user assigned the tag, so that scores do not change it. */
  readonly manual: boolean;
}

export interface TaggedImage extends IndexedImage {
  /** Manual tags first, then by descending score; empty if no label applies. */
  readonly tags: readonly Tag[];
  /** Labels whose score is below their threshold but close to it, by descending score; see TagOptions.maybeFrom. */
  readonly maybe: readonly Tag[];
}

export interface TagOptions {
  /** Maximum number of scored tags of an image. Default: 10. */
  readonly limit?: number | undefined;
  /** Threshold of labels if neither the label nor its set has one, 0 to 1. Default: DEFAULT_THRESHOLD. */
  readonly threshold?: number | undefined;
  /** Share of its threshold from which a label is a maybe label, such as MAYBE_FROM. Default: 1, so that none is. */
  readonly maybeFrom?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Scores every indexed image against every label and yields the images with their tags by path, in pages. It reads
 * stored embeddings only. Manual tags override scores.
 * @throws the signal's reason if it aborts
 */
export async function* tagLibrary(
  library: Library,
  sets: readonly LabelSet[],
  options: TagOptions = {},
): AsyncGenerator<TaggedImage[]> {
  const matrix = await library.matrix();
  if (matrix.blobs.length === 0) return;
  const rows = labelRows(sets, options.threshold);
  const setOf = new Map(rows.map(({ label, set }) => [label.name, set]));
  const manualTags = readManualTags(library);
  const sparse = await sparseTags(library, matrix, rows, options);
  for await (const images of imagePages(library[inside].database)) {
    options.signal?.throwIfAborted();
    const page: TaggedImage[] = [];
    for (const { blob, image } of images) {
      const index = rowOf(matrix.blobs, blob);
      if (index < 0) continue; // indexed after the matrix was read
      page.push({ ...image, ...applyManualTags(tagsAt(sparse, index, rows), manualTags.get(image.hash), setOf) });
    }
    yield page;
  }
}

async function sparseTags(
  library: Library,
  matrix: EmbeddingMatrix,
  rows: readonly LabelRow[],
  { limit = 10, maybeFrom = 1, signal }: TagOptions,
): Promise<SparseTags> {
  if (rows.length === 0 || limit < 1) {
    const offsets = new Uint32Array(matrix.blobs.length + 1);
    return { offsets, labels: new Uint32Array(), logits: new Float32Array() };
  }
  const scorer = await LabelScorer.load(library, matrix, signal);
  const scores = await scorer.score(rows, signal);
  const minimum = Float32Array.from(rows, ({ threshold }) => logitOf(threshold * maybeFrom));
  return library.inference.tag(matrix.source, scores, minimum, limit, signal);
}

/** @param index row of the image in the embedding matrix */
function tagsAt(
  { offsets, labels, logits }: SparseTags,
  index: number,
  rows: readonly LabelRow[],
): Pick<TaggedImage, 'tags' | 'maybe'> {
  const tags: Tag[] = [];
  const maybe: Tag[] = [];
  for (let i = offsets[index] ?? 0; i < (offsets[index + 1] ?? 0); i++) {
    const row = rows[labels[i] ?? 0];
    if (!row) continue;
    const logit = logits[i] ?? 0;
    const tag = { label: row.label.name, set: row.set, score: confidenceOf(logit), manual: false };
    (logit >= leastLogit(row.threshold) ? tags : maybe).push(tag);
  }
  return { tags, maybe };
}
