import { templateSets, type Calibration, type Inference } from '../../src/clip/index.ts';
import type { LabelSet } from '../../src/library/index.ts';
import { measureColourQueries, type ColourFigures } from '../shared/colourQueries.ts';
import type { EvaluationSet } from '../shared/evaluationSets.ts';
import { confidenceQuality, type ConfidenceQuality } from './confidences.ts';
import { embedSet, Texts, type EmbeddedSet } from './embedded.ts';
import { fewShotCurves, type FewShotCurve } from './fewShot.ts';
import { wordsOf } from './fileNameSearch.ts';
import { kindRecall, type KindRecall } from './kinds.ts';
import { photoQuality, type PhotoQuality } from './photos.ts';
import type { PhotoSet } from './photoSet.ts';
import { retrieval, type SetRetrieval } from './retrieval.ts';
import { measureSpeed, type Speed } from './speed.ts';
import { tagQuality, type TagQuality } from './tagQuality.ts';
import { unseenAccuracy, type UnseenAccuracy } from './unseenConcepts.ts';
import { zeroShotAccuracy, type SetAccuracy } from './zeroShot.ts';

/** What a model is evaluated on. */
export interface Material {
  readonly styles: readonly EvaluationSet[];
  /** The default labels. */
  readonly labelSets: readonly LabelSet[];
  /** The other material of the training corpus; null without it. */
  readonly corpus: {
    readonly tileSets: readonly EvaluationSet[];
    readonly trainingKinds: readonly EvaluationSet[];
    readonly trainingWords: ReadonlySet<string>;
  } | null;
  readonly photos: PhotoSet | null;
}

/**
 * All figures for one model. Accuracies, precisions and recalls are in %. Null: the material for the figures is
 * missing.
 */
export interface Evaluation {
  /** The id of the embedding space, which depends on the weights. */
  readonly model: string;
  readonly zeroShot: readonly SetAccuracy[];
  readonly tileSets: readonly SetAccuracy[] | null;
  readonly photos: PhotoQuality | null;
  readonly retrieval: readonly SetRetrieval[];
  readonly colours: ColourFigures;
  readonly fewShot: readonly FewShotCurve[];
  readonly kinds: readonly KindRecall[];
  readonly unseen: readonly ({ readonly set: string } & UnseenAccuracy)[] | null;
  /** Null also for a model without calibration, as are tags. */
  readonly confidences: ConfidenceQuality | null;
  readonly tags: readonly TagQuality[] | null;
  readonly speed: Speed;
}

/** Embeds the pictures once and takes all measurements. */
export async function evaluate(
  inference: Inference,
  calibration: Calibration,
  { styles, labelSets, corpus, photos }: Material,
  onProgress: (line: string) => void,
): Promise<Evaluation> {
  const embedAll = async (sets: readonly EvaluationSet[]): Promise<EmbeddedSet[]> => {
    const embedded: EmbeddedSet[] = [];
    for (const set of sets) {
      onProgress(`${set.name}: ${set.pictures.length} pictures`);
      embedded.push(await embedSet(inference, set));
    }
    return embedded;
  };
  const each = async <T>(
    title: string,
    sets: readonly EmbeddedSet[],
    measure: (set: EmbeddedSet) => Promise<T>,
  ): Promise<T[]> => {
    onProgress(title);
    const results: T[] = [];
    for (const set of sets) results.push(await measure(set));
    return results;
  };

  const texts = new Texts(inference, inference.model.manifest.embeddingSize);
  const drawings = await embedAll(styles);
  const tiles = await embedAll(corpus?.tileSets ?? []);
  const trainingKinds = await embedAll(corpus?.trainingKinds ?? []);
  const [photoSet] = await embedAll(photos ? [photos.set] : []);
  const trained = corpus && new Set([...corpus.trainingWords].flatMap(wordsOf));
  const groups = [
    { title: 'sprites', sets: tiles },
    { title: 'photos', sets: photoSet ? [photoSet] : [] },
  ].filter(({ sets }) => sets.length > 0);

  const zeroShot = await each('zero-shot', drawings, (set) => zeroShotAccuracy(texts, set));
  const tileSets = corpus && (await each('tile sets', tiles, (set) => zeroShotAccuracy(texts, set, Infinity)));
  const photoFigures = photos && photoSet ? await photoQuality(texts, calibration, photos, photoSet) : null;
  const unseen =
    trained &&
    (await each('unseen concepts', drawings, async (set) => {
      const labels = await texts.embedLabels(set.names, templateSets.name);
      return { set: set.name, ...unseenAccuracy(set, labels, trained) };
    }));
  const found = await each('text to image', drawings, (set) => retrieval(texts, calibration, set));
  onProgress('colours, kinds, coarse labels and tags');
  const colours = await measureColourQueries(inference);
  const kindSources = { heldOut: [...drawings, ...tiles], photos: photoSet, training: trainingKinds };
  const kinds = await kindRecall(texts, calibration, kindSources);
  const confidences = corpus && (await confidenceQuality(texts, calibration, drawings, groups));
  const tagged = [{ title: 'drawings', sets: drawings }, ...groups];
  const tags = corpus && (await tagQuality(texts, calibration, tagged, labelSets));
  onProgress('few-shot');
  const fewShot = await fewShotCurves(texts, inference.model.manifest.logitScale, drawings);
  onProgress('speed');
  const [first = { name: 'none', pictures: [] }] = styles;
  const speed = await measureSpeed(inference, first, photos?.set ?? null);
  const model = inference.model.manifest.id;
  return {
    ...{ model, zeroShot, tileSets, photos: photoFigures, unseen, retrieval: found, colours },
    ...{ kinds, confidences, tags, fewShot, speed },
  };
}
