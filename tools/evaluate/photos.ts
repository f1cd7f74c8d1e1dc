import { centredText, type Calibration } from '../../src/clip/index.ts';
import { mean } from '../shared/statistics.ts';
import type { EmbeddedSet, Texts } from './embedded.ts';
import { averagePrecision, hitChance } from './metrics.ts';
import type { PhotoSet } from './photoSet.ts';
import { searchScores, tagLogits } from './scores.ts';
import { accuracy, type Accuracy } from './zeroShot.ts';

/** How well a model knows photos. Figures are in %. */
export interface PhotoQuality {
  readonly photos: number;
  readonly names: number;
  /** Zero-shot: the name of the class among the names of all classes, by the cosine. */
  readonly zeroShot: Accuracy;
  /** The same by the confidence, as labels are ranked. Null for a model without a reference distribution. */
  readonly asTags: Accuracy | null;
  readonly common: {
    readonly words: number;
    /** Mean average precision of the searches for the words, and of a random order. */
    readonly map: number;
    readonly chance: number;
  };
}

/** Measures the names of photos and the searches for common words, such as "dog" and "building". */
export async function photoQuality(
  texts: Texts,
  calibration: Calibration,
  { names, common }: PhotoSet,
  set: EmbeddedSet,
): Promise<PhotoQuality> {
  const column = new Map(names.map((name, i) => [name, i]));
  const nameOf = Uint32Array.from(set.pictures, ({ name }) => column.get(name) ?? 0);
  const labels = await texts.embedLabels(names, ['{}']);
  const searches = await searchScores(
    texts,
    calibration,
    set.embeddings,
    common.map(({ word }) => word),
  );
  return {
    photos: set.pictures.length,
    names: names.length,
    zeroShot: accuracy({ ...set, names, nameOf }, labels),
    asTags: calibration.reference && rankedAsTags(set, labels, nameOf, calibration.reference, calibration),
    common: {
      words: common.length,
      map: 100 * mean(common.map(({ photos }, i) => averagePrecision(searches[i] ?? [], photos))),
      chance: 100 * mean(common.map(({ photos }) => photos.length / set.pictures.length)),
    },
  };
}

function rankedAsTags(
  { embeddings }: EmbeddedSet,
  labels: readonly Float32Array[],
  nameOf: Uint32Array,
  reference: NonNullable<Calibration['reference']>,
  calibration: Calibration,
): Accuracy {
  const directions = labels.map((text) => centredText(text, calibration));
  const logits = tagLogits(embeddings, directions, reference, calibration);
  const share = (k: number): number => 100 * mean(logits.map((row, photo) => hitChance(row, nameOf[photo] ?? NaN, k)));
  return { top1: share(1), top5: share(5) };
}
