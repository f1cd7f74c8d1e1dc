import { centredText, confidenceOf, confidenceScores, type Calibration, type Inference } from '../../src/clip/index.ts';
import { dot } from '../../src/clip/base/vectors.ts';
import { embedLabels, type EmbeddedSet } from './embedded.ts';
import { mean } from '../shared/statistics.ts';
import { averagePrecision } from './metrics.ts';

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

export interface ConfidenceQuality {
  readonly labels: readonly LabelQuality[];
  readonly thresholds: readonly ThresholdQuality[];
  readonly reliability: readonly ReliabilityBin[];
}

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
 */
export async function confidenceQuality(
  inference: Inference,
  calibration: Calibration,
  sets: readonly EmbeddedSet[],
): Promise<ConfidenceQuality | null> {
  if (!calibration.reference) return null;
  const drawn = sets
    .map(({ pictures, embeddings }) =>
      pictures.flatMap((picture, i) =>
        picture.kind === 'logo' ? [] : [{ picture, embedding: embeddings[i] ?? new Float32Array() }],
      ),
    )
    .filter((pictures) => pictures.length >= MIN_PICTURES)
    .flat();
  const names = [...new Set(drawn.flatMap(({ picture }) => picture.labels))].sort();
  const directions = (await embedLabels(inference, names, ['{}'])).map((text) => centredText(text, calibration));
  const { weights, bias } = confidenceScores(directions, calibration.reference, calibration);
  const D = inference.model.manifest.embeddingSize;
  const pairs = names.map((label, k): Pair[] =>
    drawn.map(({ picture, embedding }) => ({
      confidence: confidenceOf(dot(embedding, weights.subarray(k * D, (k + 1) * D)) + (bias[k] ?? 0)),
      applies: picture.labels.includes(label),
      unclear: picture.unclear.includes(label),
    })),
  );
  const clear = pairs.flat().filter(({ unclear }) => !unclear);
  return {
    labels: names.map((label, k) => labelQuality(label, pairs[k] ?? [])),
    thresholds: thresholds.map((threshold) => thresholdQuality(threshold, clear)),
    reliability: reliability(clear),
  };
}

function reliability(pairs: readonly Pair[]): ReliabilityBin[] {
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
