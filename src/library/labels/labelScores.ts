import { confidenceOf, dot } from '../../clip/index.ts';
import { imageAt, notIndexed } from '../images.ts';
import type { Library } from '../library.ts';
import { float16Vector } from '../../base/float16.ts';
import { inside, storedEmbedding } from '../store/store.ts';
import { labelRows, LabelScorer, leastLogit, type LabelSet } from './labelScorer.ts';
import { manualTagsOf } from './manualTags.ts';

/** The score of one label for one image. */
export interface LabelScore {
  readonly label: string;
  /** Confidence that the label applies, 0 to 1, regardless of manual tags; null for a label that belongs to no set. */
  readonly score: number | null;
  /** Confidence from which the label applies; null for a label that belongs to no set. */
  readonly threshold: number | null;
  /** Prompts of the label; empty for a label that belongs to no set. */
  readonly prompts: readonly string[];
  /** Manual tag: whether the label applies; undefined for none. */
  readonly manual: boolean | undefined;
  /** Whether the label applies, by the manual tag or else by the score. tagLibrary lists only the best of these. */
  readonly holds: boolean;
}

/** The label scores of one set, by descending score. */
export interface ScoredSet {
  /** Name of the set; empty for the labels that belong to no set. */
  readonly name: string;
  readonly labels: readonly LabelScore[];
}

export interface LabelScoreOptions {
  /** See TagOptions. */
  readonly threshold?: number | undefined;
}

/**
 * Scores every label for one image. The confidences equal those of tagLibrary up to rounding to float32. Manual labels
 * that belong to none of the sets come last, as a set with an empty name.
 * @param path of an indexed image, relative to the root of the library
 * @throws UserError if the image is not in the index; the signal's reason if it aborts
 */
export async function scoreLabels(
  library: Library,
  path: string,
  sets: readonly LabelSet[],
  { threshold }: LabelScoreOptions = {},
  signal?: AbortSignal,
): Promise<ScoredSet[]> {
  const { hash, embedding } = embeddedImage(library, path);
  const scorer = await LabelScorer.load(library, await library.matrix(), signal);
  const rows = labelRows(sets, threshold);
  const { weights, bias } = await scorer.score(rows, signal);
  const manualTags = new Map(manualTagsOf(library, [hash]).map(({ label, holds }) => [label, holds === true]));
  const scores = rows.map((row, l): LabelScore => {
    const start = l * embedding.length;
    const logit = (bias[l] ?? 0) + dot(weights.subarray(start, start + embedding.length), embedding);
    const manual = manualTags.get(row.label.name);
    return {
      label: row.label.name,
      score: confidenceOf(logit),
      threshold: row.threshold,
      prompts: row.prompts,
      manual,
      holds: manual ?? logit >= leastLogit(row.threshold),
    };
  });
  let start = 0;
  const scoredSets = sets.map(({ name, labels }): ScoredSet => {
    const scored = scores.slice(start, (start += labels.length));
    return { name, labels: scored.sort((a, b) => (b.score ?? 0) - (a.score ?? 0)) };
  });
  for (const { label } of scores) manualTags.delete(label);
  if (manualTags.size === 0) return scoredSets;
  const withoutSet = Array.from(manualTags, ([label, manual]): LabelScore => {
    return { label, score: null, threshold: null, prompts: [], manual, holds: manual };
  });
  return [...scoredSets, { name: '', labels: withoutSet }];
}

/** @throws UserError if the image is not in the index, or has no embedding of this model */
function embeddedImage(library: Library, path: string): { hash: string; embedding: Float32Array } {
  const { database, model } = library[inside];
  const image = imageAt(library, path);
  const stored = image && storedEmbedding(database, model, image.hash);
  if (!stored) throw notIndexed(library, path);
  return { hash: image.hash, embedding: float16Vector(stored) };
}
