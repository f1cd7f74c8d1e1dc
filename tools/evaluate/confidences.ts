import { centredText, confidenceOf, confidenceScores, type Calibration, type Inference } from '../../src/clip/index.ts';
import { dot } from '../../src/clip/base/vectors.ts';
import { embedLabels, type EmbeddedSet } from './embedded.ts';
import { averagePrecision, mean } from './metrics.ts';

/** How well one coarse label ("animal") does as a tag. Shares are in %. */
export interface LabelQuality {
  readonly label: string;
  /** Pictures that it holds for. */
  readonly pictures: number;
  readonly share: number;
  /** How many of the 20 surest it holds for. */
  readonly rightOf20: number;
  readonly averagePrecision: number;
}

/** What tags of at least a confidence are worth. In %; precision is NaN of no tags. */
export interface ThresholdQuality {
  readonly threshold: number;
  readonly precision: number;
  readonly recall: number;
}

/** Pairs of a picture and a label whose confidence lies in one tenth: what was said, and what is true. In %. */
export interface ReliabilityBin {
  readonly from: number;
  readonly pairs: number;
  readonly confidence: number;
  readonly true: number;
}

export interface ConfidenceQuality {
  readonly labels: readonly LabelQuality[];
  readonly thresholds: readonly ThresholdQuality[];
  readonly reliability: readonly ReliabilityBin[];
}

const thresholds = [0.15, 0.3, 0.5, 0.7];
/** Of sets with fewer pictures that are no logos, shares say little. */
const FEWEST = 50;

interface Pair {
  readonly confidence: number;
  readonly holds: boolean;
  readonly unclear: boolean;
}

/**
 * Coarse labels with the confidences that `tag` gives, against what the pictures' names say. Labels that may hold (a word of
 * them is among the tags) count neither way where a confidence is judged. Logos are left out: their names say not what they show.
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
    .filter((pictures) => pictures.length >= FEWEST)
    .flat();
  const names = [...new Set(drawn.flatMap(({ picture }) => picture.labels))].sort();
  const directions = (await embedLabels(inference, names, ['{}'])).map((text) => centredText(text, calibration));
  const { weights, bias } = confidenceScores(directions, calibration.reference, calibration);
  const D = inference.model.manifest.embeddingSize;
  const pairs = names.map((label, k): Pair[] =>
    drawn.map(({ picture, embedding }) => ({
      confidence: confidenceOf(dot(embedding, weights.subarray(k * D, (k + 1) * D)) + (bias[k] ?? 0)),
      holds: picture.labels.includes(label),
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
      true: 100 * mean(inBin.map(({ holds }) => (holds ? 1 : 0))),
    }));
}

function labelQuality(label: string, pairs: readonly Pair[]): LabelQuality {
  const holding = [...pairs.entries()].filter(([, { holds }]) => holds).map(([picture]) => picture);
  const surest = pairs.toSorted((a, b) => b.confidence - a.confidence).slice(0, 20);
  const confidences = pairs.map(({ confidence }) => confidence);
  return {
    label,
    pictures: holding.length,
    share: (100 * holding.length) / pairs.length,
    rightOf20: surest.filter(({ holds }) => holds).length,
    averagePrecision: 100 * averagePrecision(confidences, holding),
  };
}

function thresholdQuality(threshold: number, pairs: readonly Pair[]): ThresholdQuality {
  const shown = pairs.filter(({ confidence }) => confidence >= threshold);
  const right = shown.filter(({ holds }) => holds).length;
  const holding = pairs.filter(({ holds }) => holds).length;
  return { threshold, precision: (100 * right) / shown.length, recall: (100 * right) / holding };
}
