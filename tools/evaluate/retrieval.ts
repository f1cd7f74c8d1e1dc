import { queryDirection, type Calibration, type Inference } from '../../src/clip/index.ts';
import { dot } from '../../src/clip/base/vectors.ts';
import { embedLabels, type EmbeddedSet } from './embedded.ts';
import type { Picture } from './evaluationSets.ts';
import { fileName, fileNameScore, wordsOf, type FileName } from './fileNameSearch.ts';
import { averagePrecision, mean, recallAt } from './metrics.ts';

/** Results that people look at. */
export const SHOWN = 10;

/**
 * `name`: the names themselves, which the files are called by. `tag`: words that makers and emoji data give besides, `synonym`:
 * what WordNet also calls the name; each also without those that share a word with the path of a picture that they stand for.
 */
export const queryKinds = ['name', 'tag', 'tag, new words', 'synonym', 'synonym, new words'] as const;
export type QueryKind = (typeof queryKinds)[number];

/** In %: recall among the first 10, by CLIP, by file name, and by guessing. Means over the queries. */
export interface Recall {
  readonly queries: number;
  readonly clip: number;
  readonly fileNames: number;
  readonly chance: number;
}

export interface SetRetrieval {
  readonly set: string;
  /** In %: mean average precision of text → image over the names of the set. */
  readonly map: number;
  readonly byKind: Readonly<Record<QueryKind, Recall>>;
}

interface Query {
  readonly text: string;
  /** Indices of the pictures of the set that it stands for. */
  readonly relevant: readonly number[];
}

/** Text → image within one set, ranked as a search of the index ranks. */
export async function retrieval(
  inference: Inference,
  calibration: Calibration,
  set: EmbeddedSet,
): Promise<SetRetrieval> {
  const files = set.pictures.map(({ id }) => fileName(id));
  const names = queriesOf(set, () => []);
  const tags = queriesOf(set, ({ tags: words }) => words);
  const synonyms = queriesOf(set, ({ synonyms: words }) => words);
  const isName = new Set(set.names);
  const others = (queries: readonly Query[]) =>
    // A word that stands for more pictures than are shown says little of which is meant.
    queries.filter(({ text, relevant }) => !isName.has(text) && text.length > 2 && relevant.length <= SHOWN);
  const newWords = (queries: readonly Query[]) =>
    queries.filter(({ text, relevant }) => relevant.every((picture) => !shares(wordsOf(text), files[picture])));
  const [tag, synonym] = [others(tags), others(synonyms)];
  const measure = (queries: readonly Query[]) => recall(inference, calibration, set, files, queries);
  return {
    set: set.name,
    map: await meanAveragePrecision(inference, calibration, set, names),
    byKind: {
      name: await measure(names),
      tag: await measure(tag),
      'tag, new words': await measure(newWords(tag)),
      synonym: await measure(synonym),
      'synonym, new words': await measure(newWords(synonym)),
    },
  };
}

/** A query for each name and each further word, with all the pictures that have it. */
function queriesOf(set: EmbeddedSet, further: (picture: Picture) => readonly string[]): Query[] {
  const relevant = new Map<string, Set<number>>();
  set.pictures.forEach((picture, i) => {
    for (const word of [picture.name, ...further(picture)]) {
      const pictures = relevant.get(word) ?? new Set();
      relevant.set(word, pictures.add(i));
    }
  });
  return [...relevant].map(([text, pictures]) => ({ text, relevant: [...pictures] }));
}

function shares(query: readonly string[], file: FileName | undefined): boolean {
  return file !== undefined && fileNameScore(query, file) > 0;
}

/** [queries] of [pictures]: how well each picture fits. */
async function clipScores(
  inference: Inference,
  calibration: Calibration,
  set: EmbeddedSet,
  queries: readonly Query[],
): Promise<Float32Array[]> {
  const texts = queries.map(({ text }) => text);
  const embedded = await embedLabels(inference, texts, ['{}']);
  const D = inference.model.manifest.embeddingSize;
  // A query of one text alone does not look at how images are spread.
  const distribution = calibration.reference ?? { mean: new Float32Array(D), covariance: new Float32Array(D * D) };
  return embedded.map((embedding) => {
    const direction = queryDirection([{ modality: 'text', embedding, weight: 1 }], distribution, calibration);
    return Float32Array.from(set.embeddings, (image) => dot(image, direction));
  });
}

async function meanAveragePrecision(
  inference: Inference,
  calibration: Calibration,
  set: EmbeddedSet,
  queries: readonly Query[],
): Promise<number> {
  const scores = await clipScores(inference, calibration, set, queries);
  return 100 * mean(queries.map(({ relevant }, i) => averagePrecision(scores[i] ?? [], relevant)));
}

async function recall(
  inference: Inference,
  calibration: Calibration,
  set: EmbeddedSet,
  files: readonly FileName[],
  queries: readonly Query[],
): Promise<Recall> {
  const scores = await clipScores(inference, calibration, set, queries);
  const meanRecall = (scoresOf: (query: Query, index: number) => readonly number[] | Float32Array): number =>
    100 * mean(queries.map((query, i) => recallAt(scoresOf(query, i), query.relevant, SHOWN)));
  const equal = new Float32Array(files.length);
  return {
    queries: queries.length,
    clip: meanRecall((_, i) => scores[i] ?? equal),
    fileNames: meanRecall(({ text }) => {
      const words = wordsOf(text);
      return files.map((file) => fileNameScore(words, file));
    }),
    chance: meanRecall(() => equal),
  };
}

/** All queries of a kind, of all sets together. */
export function pooled(results: readonly SetRetrieval[], kind: QueryKind): Recall {
  const parts = results.map(({ byKind }) => byKind[kind]).filter(({ queries }) => queries > 0);
  const queries = parts.reduce((sum, part) => sum + part.queries, 0);
  const over = (of: (part: Recall) => number): number =>
    parts.reduce((sum, part) => sum + of(part) * part.queries, 0) / queries;
  return {
    queries,
    clip: over(({ clip }) => clip),
    fileNames: over(({ fileNames }) => fileNames),
    chance: over(({ chance }) => chance),
  };
}
