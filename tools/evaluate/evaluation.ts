import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { UserError, messageOf } from '../../src/base/userError.ts';
import { templateSets, type Calibration, type Inference } from '../../src/clip/index.ts';
import { confidenceQuality, type ConfidenceQuality } from './confidences.ts';
import { embedLabels, embedSet, type EmbeddedSet } from './embedded.ts';
import type { EvaluationSet } from '../shared/evaluationSets.ts';
import { fewShotCurves, type FewShotCurve } from './fewShot.ts';
import { wordsOf } from './fileNameSearch.ts';
import { kindRecall, type KindRecall } from './kinds.ts';
import { retrieval, type SetRetrieval } from './retrieval.ts';
import { unseenAccuracy, type UnseenAccuracy } from './unseenConcepts.ts';
import { zeroShotAccuracy, type SetAccuracy } from './zeroShot.ts';

/** All figures for one model. Accuracies, precisions and recalls are in %. */
export interface Evaluation {
  /** The id of the embedding space, which depends on the weights. */
  readonly model: string;
  readonly zeroShot: readonly SetAccuracy[];
  readonly retrieval: readonly SetRetrieval[];
  readonly fewShot: readonly FewShotCurve[];
  readonly kinds: readonly KindRecall[];
  /** Null without the training corpus, whose words it depends on. */
  readonly unseen: readonly ({ readonly set: string } & UnseenAccuracy)[] | null;
  /** Null without the training corpus, and for a model without calibration. */
  readonly confidences: ConfidenceQuality | null;
}

/** Embeds the pictures once and takes all measurements. */
export async function evaluate(
  inference: Inference,
  calibration: Calibration,
  sets: readonly EvaluationSet[],
  trainingWords: ReadonlySet<string> | null,
  onProgress: (line: string) => void,
): Promise<Evaluation> {
  const embedded: EmbeddedSet[] = [];
  for (const set of sets) {
    onProgress(`${set.name}: ${set.pictures.length} pictures`);
    embedded.push(await embedSet(inference, set));
  }
  const each = async <T>(title: string, measure: (set: EmbeddedSet) => Promise<T>): Promise<T[]> => {
    onProgress(title);
    const results: T[] = [];
    for (const set of embedded) results.push(await measure(set));
    return results;
  };
  const zeroShot = await each('zero-shot', (set) => zeroShotAccuracy(inference, set));
  const trained = trainingWords && new Set([...trainingWords].flatMap(wordsOf));
  const unseen =
    trained &&
    (await each('unseen concepts', async (set) => {
      const labels = await embedLabels(inference, set.names, templateSets.name);
      return { set: set.name, ...unseenAccuracy(set, labels, trained) };
    }));
  const found = await each('text to image', (set) => retrieval(inference, calibration, set));
  onProgress('kinds and coarse labels');
  const kinds = await kindRecall(inference, embedded);
  const confidences = trainingWords && (await confidenceQuality(inference, calibration, embedded));
  onProgress('few-shot');
  const fewShot = await fewShotCurves(inference, embedded);
  const model = inference.model.manifest.id;
  return { model, zeroShot, unseen, retrieval: found, kinds, confidences, fewShot };
}

/** The part of an earlier model's evaluation that the tables and plots compare with. */
const earlierSchema = z.object({
  zeroShot: z.array(
    z.object({
      set: z.string(),
      byPrompting: z.object({ bare: z.object({ top1: z.number(), top5: z.number() }) }),
    }),
  ),
});

export type EarlierEvaluation = z.infer<typeof earlierSchema>;

/** @throws UserError where the file is not an evaluation */
export async function readEarlierEvaluation(file: string): Promise<EarlierEvaluation> {
  return readFile(file, 'utf8')
    .then((text) => earlierSchema.parse(JSON.parse(text)))
    .catch((error: unknown) => {
      throw new UserError(
        `${file} is not an evaluation (${messageOf(error)}). "npm run evaluate -- --json <file>" writes one.`,
      );
    });
}
