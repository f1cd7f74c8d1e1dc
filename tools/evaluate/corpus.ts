import { createReadStream, existsSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import sharp from 'sharp';
import * as z from 'zod';
import { UserError } from '../../src/base/userError.ts';
import { limited, type EvaluationSet, type Picture } from '../shared/evaluationSets.ts';
import { spread } from '../shared/spread.ts';

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
  /** What the picture is evaluated for. Null: its tile set has more names than are asked. */
  question: z.enum(['style', 'tiles']).nullable(),
  labels: z.array(z.string()),
  unclear: z.array(z.string()),
  noun: z.boolean(),
  synonyms: z.array(z.string()),
});

type Row = z.infer<typeof rowSchema>;
type Truth = z.infer<typeof truthSchema>;

/** Kinds of which no held-out set has pictures, and the number of training pictures that are used instead. */
const TRAINING_KINDS: ReadonlySet<string> = new Set(['screenshot', 'texture']);
const TRAINING_PICTURES = 200;

export interface Corpus extends AsyncDisposable {
  /** The held-out drawing styles. */
  readonly styles: EvaluationSet[];
  /** The held-out tile sets of games, with the names that are asked. */
  readonly tileSets: EvaluationSet[];
  /** Training pictures of the kinds that no held-out set has, one set for each kind. */
  readonly trainingKinds: EvaluationSet[];
  /** Every word of the names, tags, categories and descriptions of the training pictures. */
  readonly trainingWords: ReadonlySet<string>;
}

/**
 * Opens the held-out pictures of the training corpus as PNG, and the words of its training pictures.
 * @throws UserError where a file of the corpus is missing or does not fit the others
 */
export async function openCorpus(folder: string): Promise<Corpus> {
  const [rowsFile, truthFile, imagesFile] = ['rows.jsonl', 'truth.jsonl', 'images.u8'].map((name) =>
    fileOfCorpus(folder, name),
  ) as [string, string, string];
  const truths = new Map<number, Truth>();
  for await (const truth of jsonLines(truthFile, truthSchema)) truths.set(truth.row, truth);
  const images = new Images(await open(imagesFile));
  const trainingWords = new Set<string>();
  const [styles, tileSets, training] = [new Sets(), new Sets(), new Sets()];
  let index = 0;
  for await (const row of jsonLines(rowsFile, rowSchema)) {
    if (row.split === 'train') {
      addWords(row, trainingWords);
      if (TRAINING_KINDS.has(row.kind)) training.add(row.kind, pictureOf(row, UNKNOWN, images, index));
    } else if (row.split === 'eval') {
      const truth = truths.get(index);
      if (!truth) throw new UserError(`truth.jsonl has no entry for row ${index}. Run models/training/card.py again.`);
      if (truth.question === 'style') styles.add(row.set, pictureOf(row, truth, images, index));
      else if (truth.question === 'tiles') tileSets.add(row.set, pictureOf(row, truth, images, index));
    }
    index++;
  }
  await images.measure(index);
  return {
    styles: styles.sorted().map(limited),
    tileSets: tileSets.sorted(),
    trainingKinds: training
      .sorted()
      .map(({ name, pictures }) => ({ name, pictures: spread(pictures, TRAINING_PICTURES) })),
    trainingWords,
    [Symbol.asyncDispose]: () => images.close(),
  };
}

/** @throws UserError where the corpus has no such file */
export function fileOfCorpus(folder: string, name: string): string {
  const full = path.join(folder, name);
  if (existsSync(full)) return full;
  throw new UserError(
    `No ${name} in ${folder}. Build the corpus as models/training/README.md says, then run models/training/card.py.`,
  );
}

/**
 * Yields the values of a file with one JSON value on each line.
 * @throws UserError where a line does not have the expected shape
 */
export async function* jsonLines<T>(file: string, schema: z.ZodType<T>): AsyncGenerator<T> {
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    number++;
    if (!line) continue;
    const { data, error } = schema.safeParse(JSON.parse(line));
    if (error) {
      throw new UserError(
        `Line ${number} of ${file} does not fit (${z.prettifyError(error)}). Run models/training/card.py again.`,
      );
    }
    yield data;
  }
}

function addWords(row: Row, words: Set<string>): void {
  for (const text of [row.name, ...(row.tags ?? []), row.category ?? '', row.description ?? '']) {
    for (const word of text.toLowerCase().split(/[^\p{L}\p{N}]+/u)) words.add(word);
  }
}

type PictureTruth = Pick<Picture, 'labels' | 'unclear' | 'noun' | 'synonyms'>;

/** The truth of a training picture, of which only the kind is asked. */
const UNKNOWN: PictureTruth = { labels: [], unclear: [], noun: false, synonyms: [] };

function pictureOf(
  { id, name, kind, tags, category }: Row,
  truth: PictureTruth,
  images: Images,
  index: number,
): Picture {
  const { labels, unclear, noun, synonyms } = truth;
  return {
    ...{ id, name, kind, labels, unclear, noun, synonyms },
    tags: tags ?? [],
    category: category ?? null,
    bytes: () => images.png(index),
  };
}

/** Sets of pictures that grow while the rows are read. */
class Sets {
  readonly #pictures = new Map<string, Picture[]>();

  add(set: string, picture: Picture): void {
    const pictures = this.#pictures.get(set) ?? [];
    this.#pictures.set(set, pictures);
    pictures.push(picture);
  }

  /** The sets by name. */
  sorted(): EvaluationSet[] {
    return [...this.#pictures]
      .map(([name, pictures]) => ({ name, pictures }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

/** The squares of images.u8: RGBA with straight alpha, all with the same side. */
class Images {
  readonly #file: FileHandle;
  #side = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /**
   * Computes the side of the pictures from the size of the file.
   * @throws UserError where the file does not consist of this many squares
   */
  async measure(pictures: number): Promise<void> {
    const { size } = await this.#file.stat();
    this.#side = Math.sqrt(size / pictures / 4);
    if (Number.isInteger(this.#side) && this.#side > 0) return;
    await this.close();
    throw new UserError(
      `images.u8 has ${size} bytes, which are not ${pictures} squares of RGBA pixels, as rows.jsonl says. Build the corpus again.`,
    );
  }

  async png(index: number): Promise<Uint8Array> {
    const length = this.#side * this.#side * 4;
    const pixels = Buffer.alloc(length);
    await this.#file.read(pixels, 0, length, index * length);
    return sharp(pixels, { raw: { width: this.#side, height: this.#side, channels: 4 } })
      .png({ compressionLevel: 1 })
      .toBuffer();
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
