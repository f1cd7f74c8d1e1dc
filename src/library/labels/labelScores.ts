import { confidenceOf, dot, promptsOf } from '../../clip/index.ts';
import { float16Vector } from '../../base/float16.ts';
import { manualTagsOf } from './manualTags.ts';
import { imageAt, notIndexed } from '../images.ts';
import type { Library } from '../library.ts';
import { inside, storedEmbedding } from '../store/store.ts';
import { holdsAt, labelRows, scoresOfSets, type LabelSet } from './tagging.ts';

/** How one label fits one image. */
export interface LabelScore {
  readonly label: string;
  /** Confidence that it holds, 0 to 1, whatever somebody said; null for a label that is in no set, which nothing scores. */
  readonly score: number | null;
  /** Confidence from which it holds; null for a label that is in no set. */
  readonly threshold: number | null;
  /** What was encoded for it; empty for a label that is in no set. */
  readonly prompts: readonly string[];
  /** What somebody said: it holds, it does not, or (undefined) nothing. */
  readonly manual: boolean | undefined;
  /** Whether the image carries it: as somebody said, or else by its score. Of those that hold, tagLibrary lists the surest. */
  readonly holds: boolean;
}

/** The labels of one set by score, the best first. */
export interface ScoredSet {
  /** Empty for the labels that are in no set. */
  readonly name: string;
  readonly labels: readonly LabelScore[];
}

export interface LabelScoreOptions {
  /** As in TagOptions. */
  readonly threshold?: number | undefined;
}

/**
 * Every label's score for one image: the confidences that tagLibrary gives, up to rounding in the last digits of float32, for
 * the price of one row. What somebody said of labels that are in none of the sets comes last, as a set without a name.
 * @param path of an image of the index, relative to its root
 * @throws UserError where it is not in the index; the signal's reason when it aborts
 */
export async function scoreLabels(
  library: Library,
  path: string,
  sets: readonly LabelSet[],
  { threshold }: LabelScoreOptions = {},
  signal?: AbortSignal,
): Promise<ScoredSet[]> {
  const { hash, embedding } = embeddedImage(library, path);
  const { weights, bias } = await scoresOfSets(library, await library.matrix(), sets, signal);
  const said = new Map(manualTagsOf(library, [hash]).map(({ label, holds }) => [label, holds === true]));
  const logits = Array.from(bias, (b, row) => {
    const start = row * embedding.length;
    return b + dot(weights.subarray(start, start + embedding.length), embedding);
  });
  const unscored = new Set(said.keys());
  let row = 0;
  const scored = sets.map((set): ScoredSet => {
    const labels = labelRows([set], threshold).map(({ label, threshold: least }): LabelScore => {
      const logit = logits[row++] ?? 0;
      const manual = said.get(label.name);
      unscored.delete(label.name);
      return {
        label: label.name,
        score: confidenceOf(logit),
        threshold: least,
        prompts: promptsOf(label, set.templates),
        manual,
        holds: manual ?? holdsAt(logit, least),
      };
    });
    return { name: set.name, labels: labels.sort((a, b) => (b.score ?? 0) - (a.score ?? 0)) };
  });
  if (unscored.size === 0) return scored;
  const others = Array.from(unscored, (label): LabelScore => {
    const manual = said.get(label);
    return { label, score: null, threshold: null, prompts: [], manual, holds: manual === true };
  });
  return [...scored, { name: '', labels: others }];
}

/** @throws UserError where the image is not in the index, or not with this model */
function embeddedImage(library: Library, path: string): { hash: string; embedding: Float32Array } {
  const { database, model } = library[inside];
  const image = imageAt(library, path);
  const stored = image && storedEmbedding(database, model, image.hash);
  if (!stored) throw notIndexed(library, path);
  return { hash: image.hash, embedding: float16Vector(stored) };
}
