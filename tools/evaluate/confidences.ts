import { centredText, confidenceOf, type Calibration } from '../../src/clip/index.ts';
import { mean } from '../shared/statistics.ts';
import type { EmbeddedSet, Texts } from './embedded.ts';
import { averagePrecision } from './metrics.ts';
import { tagLogits } from './scores.ts';

/** The quality of one coarse label ("animal") as a tag. Shares are in %. */
export interface LabelQuality {
  readonly label: string;
  /** The number of pictures that the label applies to. */
  readonly pictures: number;
  readonly share: number;
  /** The number of correct pictures among the 20 with the highest confidence. */
  readonly correctOf20: number;
  readonly averagePrecision: number;
}

/** Precision and recall of the tags at or above a threshold, in %. Precision is NaN where there are no tags. */
export interface ThresholdQuality {
  readonly threshold: number;
  readonly precision: number;
  readonly recall: number;
}

/**
 * The pairs of a picture and a label whose confidence lies in one interval of 10 %. Confidences and shares are in %.
 */
export interface ReliabilityBin {
  readonly from: number;
  readonly pairs: number;
  /** The mean confidence. */
  readonly confidence: number;
  /** The share of pairs in which the label applies. */
  readonly true: number;
}

/**
 * The expected calibration error (1706.04599): the mean difference between confidence and share of true pairs over
 * intervals of 10 %, in percentage points.
 */
export interface CalibrationError {
  /** The kind of the pictures. */
  readonly group: string;
  readonly pairs: number;
  readonly error: number;
  /** The same for the pairs with a confidence from SHOWN_FROM on. Most pairs have a confidence of almost 0. */
  readonly shownPairs: number;
  readonly shownError: number;
}

export interface ConfidenceQuality {
  readonly labels: readonly LabelQuality[];
  readonly thresholds: readonly ThresholdQuality[];
  readonly reliability: readonly ReliabilityBin[];
  readonly errors: readonly CalibrationError[];
}

/** The least confidence that a list of labels shows by default: that of a maybe label. */
export const SHOWN_FROM = 0.15;

const thresholds = [0.15, 0.3, 0.5, 0.7];
/** Sets with fewer pictures that are not logos are too small for meaningful shares. */
const MIN_PICTURES = 50;

interface Pair {
  readonly confidence: number;
  readonly applies: boolean;
  readonly unclear: boolean;
}

/**
 * Compares the confidences that `tag` gives to coarse labels with the words of each picture. A pair whose words leave
 * open whether the label applies is not counted. Logos are excluded, because their names do not describe what they
 * show.
 * @param others groups of pictures that are not drawings; of these, only the calibration error is measured
 */
export async function confidenceQuality(
  texts: Texts,
  calibration: Calibration,
  drawings: readonly EmbeddedSet[],
  others: readonly { readonly title: string; readonly sets: readonly EmbeddedSet[] }[],
): Promise<ConfidenceQuality | null> {
  const { reference } = calibration;
  if (!reference) return null;
  const drawn = labelledPictures(drawings);
  const names = [...new Set(drawn.flatMap(({ picture }) => picture.labels))].sort();
  const directions = (await texts.embedLabels(names, ['{}'])).map((text) => centredText(text, calibration));
  /** [labels] of [pictures] */
  const pairsOf = (labelled: readonly LabelledPicture[]): Pair[][] => {
    const images = labelled.map(({ embedding }) => embedding);
    const logits = tagLogits(images, directions, reference, calibration);
    return names.map((label, l) =>
      labelled.map(({ picture }, i) => ({
        confidence: confidenceOf(logits[i]?.[l] ?? NaN),
        applies: picture.labels.includes(label),
        unclear: picture.unclear.includes(label),
      })),
    );
  };
  const pairs = pairsOf(drawn);
  const clear = pairs.flat().filter(({ unclear }) => !unclear);
  return {
    labels: names.map((label, k) => labelQuality(label, pairs[k] ?? [])),
    thresholds: thresholds.map((threshold) => thresholdQuality(threshold, clear)),
    reliability: reliability(clear),
    errors: [
      calibrationError('drawings', clear),
      ...others.map(({ title, sets }) => {
        const ofGroup = pairsOf(labelledPictures(sets)).flat();
        return calibrationError(
          title,
          ofGroup.filter(({ unclear }) => !unclear),
        );
      }),
    ],
  };
}

interface LabelledPicture {
  readonly picture: EmbeddedSet['pictures'][number];
  readonly embedding: Float32Array;
}

function labelledPictures(sets: readonly EmbeddedSet[]): LabelledPicture[] {
  return sets
    .map(({ pictures, embeddings }) =>
      pictures.flatMap((picture, i) =>
        picture.kind === 'logo' ? [] : [{ picture, embedding: embeddings[i] ?? new Float32Array() }],
      ),
    )
    .filter((pictures) => pictures.length >= MIN_PICTURES)
    .flat();
}

function calibrationError(group: string, pairs: readonly Pair[]): CalibrationError {
  const shown = pairs.filter(({ confidence }) => confidence >= SHOWN_FROM);
  return {
    group,
    pairs: pairs.length,
    error: expectedError(pairs),
    shownPairs: shown.length,
    shownError: expectedError(shown),
  };
}

/** @returns NaN without pairs */
export function expectedError(pairs: readonly Pick<Pair, 'confidence' | 'applies'>[]): number {
  const differences = reliability(pairs).map((bin) => bin.pairs * Math.abs(bin.confidence - bin.true));
  return differences.reduce((sum, difference) => sum + difference, 0) / pairs.length;
}

function reliability(pairs: readonly Pick<Pair, 'confidence' | 'applies'>[]): ReliabilityBin[] {
  const bins = Map.groupBy(pairs, ({ confidence }) => Math.min(9, Math.floor(confidence * 10)));
  return [...bins]
    .sort(([a], [b]) => a - b)
    .map(([bin, inBin]) => ({
      from: 10 * bin,
      pairs: inBin.length,
      confidence: 100 * mean(inBin.map(({ confidence }) => confidence)),
      true: 100 * mean(inBin.map(({ applies }) => (applies ? 1 : 0))),
    }));
}

function labelQuality(label: string, pairs: readonly Pair[]): LabelQuality {
  const applicable = [...pairs.entries()].filter(([, { applies }]) => applies).map(([picture]) => picture);
  const best = pairs.toSorted((a, b) => b.confidence - a.confidence).slice(0, 20);
  const confidences = pairs.map(({ confidence }) => confidence);
  return {
    label,
    pictures: applicable.length,
    share: (100 * applicable.length) / pairs.length,
    correctOf20: best.filter(({ applies }) => applies).length,
    averagePrecision: 100 * averagePrecision(confidences, applicable),
  };
}

function thresholdQuality(threshold: number, pairs: readonly Pair[]): ThresholdQuality {
  const shown = pairs.filter(({ confidence }) => confidence >= threshold);
  const correct = shown.filter(({ applies }) => applies).length;
  const applicable = pairs.filter(({ applies }) => applies).length;
  return { threshold, precision: (100 * correct) / shown.length, recall: (100 * correct) / applicable };
}
