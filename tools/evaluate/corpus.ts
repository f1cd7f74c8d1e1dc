import { createReadStream, existsSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import sharp from 'sharp';
import * as z from 'zod';
import { UserError } from '../../src/base/userError.ts';
import { limited, type EvaluationSet, type Picture } from '../shared/evaluationSets.ts';

/** A line of rows.jsonl (models/training/README.md). */
const rowSchema = z.object({
  set: z.string(),
  id: z.string(),
  name: z.string(),
  tags: z.array(z.string()).nullish(),
  category: z.string().nullish(),
  description: z.string().nullish(),
  kind: z.string(),
  /** `concept`: a picture of a training set that shows a held-out concept. It is in neither of the other splits. */
  split: z.enum(['train', 'eval', 'concept']),
});

/** A line of truth.jsonl (models/training/card.py): further facts about the picture of an evaluation row. */
const truthSchema = z.object({
  row: z.int(),
  labels: z.array(z.string()),
  unclear: z.array(z.string()),
  noun: z.boolean(),
  synonyms: z.array(z.string()),
});

type Row = z.infer<typeof rowSchema>;
type Truth = z.infer<typeof truthSchema>;

/** The side in pixels, and the size in bytes, of a picture in images.u8. Pixels are RGBA with straight alpha. */
const SIDE = 64;
const PICTURE_BYTES = SIDE * SIDE * 4;

export interface Corpus extends AsyncDisposable {
  readonly sets: EvaluationSet[];
  /** Every word of the names, tags, categories and descriptions of the training pictures. */
  readonly trainingWords: ReadonlySet<string>;
}

/**
 * Opens the held-out styles of the training corpus, with pictures as PNG, and the words of its training pictures.
 * @throws UserError where a file of the corpus is missing
 */
export async function openCorpus(folder: string): Promise<Corpus> {
  const file = (name: string): string => {
    const full = path.join(folder, name);
    if (existsSync(full)) return full;
    throw new UserError(
      `No ${name} in ${folder}. Build the corpus as models/training/README.md says, then run card.py.`,
    );
  };
  const [rowsFile, truthFile, imagesFile] = [file('rows.jsonl'), file('truth.jsonl'), file('images.u8')];
  const truths = new Map<number, Truth>();
  for await (const line of linesOf(truthFile)) {
    const truth = truthSchema.parse(JSON.parse(line));
    truths.set(truth.row, truth);
  }
  const images = await open(imagesFile);
  const trainingWords = new Set<string>();
  const sets = new Map<string, Picture[]>();
  let index = 0;
  for await (const line of linesOf(rowsFile)) {
    const row = rowSchema.parse(JSON.parse(line));
    if (row.split === 'train') addWords(row, trainingWords);
    else if (row.split === 'eval') {
      const pictures = sets.get(row.set) ?? [];
      sets.set(row.set, pictures);
      pictures.push(pictureOf(row, truths.get(index), images, index));
    }
    index++;
  }
  return {
    sets: [...sets].map(([name, pictures]) => limited({ name, pictures })).sort((a, b) => (a.name < b.name ? -1 : 1)),
    trainingWords,
    [Symbol.asyncDispose]: () => images.close(),
  };
}

async function* linesOf(file: string): AsyncGenerator<string> {
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    if (line) yield line;
  }
}

function addWords(row: Row, words: Set<string>): void {
  for (const text of [row.name, ...(row.tags ?? []), row.category ?? '', row.description ?? '']) {
    for (const word of text.toLowerCase().split(/[^\p{L}\p{N}]+/u)) words.add(word);
  }
}

function pictureOf(row: Row, truth: Truth | undefined, images: FileHandle, index: number): Picture {
  if (!truth) throw new UserError(`truth.jsonl has no entry for row ${index}. Run models/training/card.py again.`);
  const { id, name, kind } = row;
  const { labels, unclear, noun, synonyms } = truth;
  return {
    ...{ id, name, kind, labels, unclear, noun, synonyms },
    tags: row.tags ?? [],
    category: row.category ?? null,
    bytes: async () => {
      const pixels = Buffer.alloc(PICTURE_BYTES);
      await images.read(pixels, 0, PICTURE_BYTES, index * PICTURE_BYTES);
      return sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 4 } })
        .png({ compressionLevel: 1 })
        .toBuffer();
    },
  };
}
