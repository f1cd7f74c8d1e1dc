import { setImmediate as nextTurn } from 'node:timers/promises';
import { confidenceOf, promptsOf, type Label } from '../../clip/index.ts';
import { imagesOfBlobs, type IndexedImage } from '../images.ts';
import type { Library } from '../library.ts';
import { inside } from '../store/store.ts';
import { LabelScorer, leastLogit } from './labelScorer.ts';
import { manualTagsWith } from './manualTags.ts';

export interface LabelPreview {
  /** Number of images that the label would apply to at each threshold, manual tags included. */
  readonly counts: readonly number[];
  /** The images with the highest confidences, one per blob, best first. */
  readonly best: readonly (IndexedImage & { readonly score: number })[];
}

export interface PreviewOptions {
  /** Maximum number of images in `best`. Default: 8. */
  readonly limit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Number of blobs that are counted before other work of the thread gets a turn; some milliseconds. */
const SLICE = 16 * 1024;

/**
 * Previews which images an unsaved label would match. It gives the same result as tagLibrary with that label, reads
 * stored embeddings only, and stores nothing.
 * @param thresholds confidences, 0 to 1
 * @throws the signal's reason if it aborts
 */
export async function previewLabel(
  library: Library,
  label: Label,
  templates: readonly string[],
  thresholds: readonly number[],
  { limit = 8, signal }: PreviewOptions = {},
): Promise<LabelPreview> {
  const matrix = await library.matrix();
  if (matrix.blobs.length === 0) return { counts: thresholds.map(() => 0), best: [] };
  const scorer = await LabelScorer.load(library, matrix, signal);
  const scores = await scorer.scoreDraft({ label, prompts: promptsOf(label, templates) }, signal);
  const all = { limit: matrix.blobs.length };
  const { rows, logits } = await library.inference.rank(matrix.source, scores, all, signal);
  const blobs = Array.from(rows, (row) => matrix.blobs[row] ?? 0);

  const files = await library[inside].fileCounts();
  const manualTags = manualTagsWith(library, label.name);
  const counts = thresholds.map(() => 0);
  const least = thresholds.map(leastLogit);
  for (const [i, blob] of blobs.entries()) {
    if (i % SLICE === 0) {
      await nextTurn();
      signal?.throwIfAborted();
    }
    const manual = manualTags.get(blob);
    const logit = logits[i] ?? -Infinity;
    least.forEach((minimum, t) => {
      if (manual ?? logit >= minimum) counts[t] = (counts[t] ?? 0) + (files.get(blob) ?? 0);
    });
  }
  const images = imagesOfBlobs(library[inside].database, blobs.slice(0, limit));
  const best = blobs.slice(0, limit).flatMap((blob, i) => {
    const [image] = images.get(blob) ?? [];
    return image ? [{ ...image, score: confidenceOf(logits[i] ?? 0) }] : [];
  });
  return { counts, best };
}
