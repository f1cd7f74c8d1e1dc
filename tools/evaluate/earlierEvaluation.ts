import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { UserError, messageOf } from '../../src/base/userError.ts';
import { queryKinds } from './retrieval.ts';

/** A figure. JSON has no NaN, which stands for "not measurable", and writes null. */
const figure = z
  .number()
  .nullable()
  .transform((value) => value ?? NaN);
const accuracy = z.object({ top1: figure, top5: figure });
const recall = z.object({ queries: z.int(), clip: figure, fileNames: figure, chance: figure });
const set = z.object({ set: z.string(), accuracy });

/**
 * The part of an earlier model's evaluation that the tables and plots compare with. Evaluations of older versions lack
 * some parts.
 */
const earlierSchema = z.object({
  zeroShot: z.array(set),
  tileSets: z.array(set).nullish(),
  photos: z
    .object({
      zeroShot: accuracy,
      asTags: accuracy.nullable(),
      common: z.object({ map: figure }),
    })
    .nullish(),
  unseen: z.array(accuracy.extend({ set: z.string(), pictures: z.int() })).nullish(),
  retrieval: z
    .array(z.object({ set: z.string(), map: figure, byKind: z.record(z.enum(queryKinds), recall) }))
    .optional(),
  colours: z.object({ colour: figure, both: figure }).optional(),
  kinds: z
    .array(z.object({ kind: z.string(), recall: figure, shipped: figure.optional(), centred: figure }))
    .optional(),
  confidences: z
    .object({
      thresholds: z.array(z.object({ threshold: z.number(), precision: figure, recall: figure })),
      errors: z.array(z.object({ group: z.string(), error: figure, shownError: figure })).optional(),
    })
    .nullish(),
  tags: z
    .array(
      z.object({
        group: z.string(),
        levels: z.array(
          z.object({
            level: z.string(),
            wrong: figure,
            withWrong: figure,
            withRight: figure.optional(),
            without: figure,
          }),
        ),
      }),
    )
    .nullish(),
  speed: z.object({ drawings: figure, photos: figure, text: figure }).optional(),
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
