import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { UserError, messageOf } from '../../src/base/userError.ts';
import { templateSets, type Calibration, type Inference } from '../../src/clip/index.ts';
import { confidenceQuality, type ConfidenceQuality } from './confidences.ts';
import { embedLabels, embedSet, type EmbeddedSet } from './embedded.ts';
import type { EvaluationSet } from './evaluationSets.ts';
import { fewShotCurves, type FewShotCurve } from './fewShot.ts';
import { wordsOf } from './fileNameSearch.ts';
import { kindRecall, type KindRecall } from './kinds.ts';
import { retrieval, type SetRetrieval } from './retrieval.ts';
import { unseenAccuracy, type UnseenAccuracy } from './unseenConcepts.ts';
import { zeroShotAccuracy, type SetAccuracy } from './zeroShot.ts';

/** All figures of one model. Accuracies, precisions and recalls are in %. */
export interface Evaluation {
  /** Names the embedding space, so the weights too. */
  readonly model: string;
  readonly zeroShot: readonly SetAccuracy[];
  readonly retrieval: readonly SetRetrieval[];
  readonly fewShot: readonly FewShotCurve[];
  readonly kinds: readonly KindRecall[];
  /** Needs to know what training saw: null without the corpus. */
  readonly unseen: readonly ({ readonly set: string } & UnseenAccuracy)[] | null;
  /** Null where nothing is known of the pictures but their names, or the model has no calibration. */
  readonly confidences: ConfidenceQuality | null;
}

/** Every measurement, on pictures that are embedded once. */
export async function evaluate(
  inference: Inference,
  calibration: Calibration,
  sets: readonly EvaluationSet[],
  trainingWords: ReadonlySet<string> | null,
  say: (line: string) => void,
): Promise<Evaluation> {
  const embedded: EmbeddedSet[] = [];
  for (const set of sets) {
    say(`${set.name}: ${set.pictures.length} pictures`);
    embedded.push(await embedSet(inference, set));
  }
  const each = async <T>(what: string, measure: (set: EmbeddedSet) => Promise<T>): Promise<T[]> => {
    say(what);
    const results: T[] = [];
    for (const set of embedded) results.push(await measure(set));
    return results;
  };
  const zeroShot = await each('zero-shot', (set) => zeroShotAccuracy(inference, set));
  const seen = trainingWords && new Set([...trainingWords].flatMap(wordsOf));
  const unseen =
    seen &&
    (await each('unseen concepts', async (set) => {
      const labels = await embedLabels(inference, set.names, templateSets.name);
      return { set: set.name, ...unseenAccuracy(set, labels, seen) };
    }));
  const found = await each('text to image', (set) => retrieval(inference, calibration, set));
  say('kinds and coarse labels');
  const kinds = await kindRecall(inference, embedded);
  const confidences = trainingWords && (await confidenceQuality(inference, calibration, embedded));
  say('few-shot');
  const fewShot = await fewShotCurves(inference, embedded);
  const model = inference.model.manifest.id;
  return { model, zeroShot, unseen, retrieval: found, kinds, confidences, fewShot };
}

/** What of an earlier model's evaluation stands beside a new one's. */
const earlierSchema = z.object({
  zeroShot: z.array(
    z.object({
      set: z.string(),
      byPrompting: z.object({ bare: z.object({ top1: z.number(), top5: z.number() }) }),
    }),
  ),
});

export type Earlier = z.infer<typeof earlierSchema>;

/** @throws UserError where the file holds no evaluation */
export async function readEarlier(file: string): Promise<Earlier> {
  return readFile(file, 'utf8')
    .then((text) => earlierSchema.parse(JSON.parse(text)))
    .catch((error: unknown) => {
      throw new UserError(
        `${file} is no evaluation (${messageOf(error)}). Write one with "npm run evaluate -- --json <file>".`,
      );
    });
}
