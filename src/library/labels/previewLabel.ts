import { setImmediate as nextTurn } from 'node:timers/promises';
import { centredText, confidenceOf, confidenceScores, logitOf, promptsOf, type Label } from '../../clip/index.ts';
import { imagesOfBlobs, type IndexedImage } from '../images.ts';
import type { Library } from '../library.ts';
import { number } from '../store/rows.ts';
import { inside } from '../store/store.ts';
import { promptVectors } from './textVectors.ts';

export interface LabelPreview {
  /** Images that would carry the label from each of the thresholds on, those included that somebody gave it. */
  readonly counts: readonly number[];
  /** The images that it fits best, one a content, best first, with their confidences. */
  readonly best: readonly (IndexedImage & { readonly score: number })[];
}

export interface PreviewOptions {
  /** Most images in `best`. Default: 8. */
  readonly limit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Contents counted before other work of this thread gets its turn; some milliseconds. */
const SLICE = 16 * 1024;

/**
 * What a label would match, from the stored embeddings: tagLibrary for one label that is still being written, of which nothing
 * is kept.
 * @param thresholds confidences, 0 to 1
 */
export async function previewLabel(
  library: Library,
  label: Label,
  templates: readonly string[],
  thresholds: readonly number[],
  { limit = 8, signal }: PreviewOptions = {},
): Promise<LabelPreview> {
  const matrix = await library.matrix();
  if (matrix.contents.length === 0) return { counts: thresholds.map(() => 0), best: [] };
  const calibration = await library.calibration();
  const distribution = await library.distribution(matrix, signal);
  const [vector] = await promptVectors(library, [promptsOf(label, templates)], signal);
  if (!vector) throw new Error('a label has no embedding');
  const scores = confidenceScores([centredText(vector, calibration)], distribution, calibration);
  signal?.throwIfAborted();
  const all = { limit: matrix.contents.length };
  const { rows, logits } = await library.inference.rank(matrix.source, scores, all, signal);
  const ids = Array.from(rows, (row) => matrix.contents[row] ?? 0);

  const files = await library[inside].fileCounts();
  const said = saidOf(library, label.name);
  const counts = thresholds.map(() => 0);
  const least = thresholds.map((threshold) => Math.fround(logitOf(threshold))); // as the inference process compares when it tags
  for (const [i, id] of ids.entries()) {
    if (i % SLICE === 0) {
      await nextTurn();
      signal?.throwIfAborted();
    }
    const holds = said.get(id);
    const logit = logits[i] ?? -Infinity;
    least.forEach((atLeast, t) => {
      if (holds ?? logit >= atLeast) counts[t] = (counts[t] ?? 0) + (files.get(id) ?? 0);
    });
  }
  const images = imagesOfBlobs(library[inside].database, ids.slice(0, limit));
  const best = ids.slice(0, limit).flatMap((id, i) => {
    const [image] = images.get(id) ?? [];
    return image ? [{ ...image, score: confidenceOf(logits[i] ?? 0) }] : [];
  });
  return { counts, best };
}

/** The contents of which somebody said that a label holds, or does not. */
function saidOf({ [inside]: { database } }: Library, label: string): Map<number, boolean> {
  const sql = 'SELECT c.id, holds FROM hand_tags h JOIN contents c ON c.hash = h.hash WHERE label = ?';
  return new Map(database.all(sql, label).map((row) => [number(row, 'id'), number(row, 'holds') === 1]));
}
