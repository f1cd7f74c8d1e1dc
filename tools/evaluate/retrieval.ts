import type { Calibration } from '../../src/clip/index.ts';
import type { Picture } from '../shared/evaluationSets.ts';
import { mean } from '../shared/statistics.ts';
import type { EmbeddedSet, Texts } from './embedded.ts';
import { fileName, fileNameScore, wordsOf, type FileName } from './fileNameSearch.ts';
import { averagePrecision, recallAt } from './metrics.ts';
import { searchScores } from './scores.ts';

/** The number of results that a user typically views. */
export const SHOWN = 10;

/**
 * The kinds of queries. `name`: the names, which are also the file names. `tag`: further words from the set's makers
 * and from emoji data. `synonym`: synonyms of the name in WordNet. `… new words`: those that share no word with the
 * relevant paths.
 */
export const queryKinds = ['name', 'tag', 'tag, new words', 'synonym', 'synonym, new words'] as const;
export type QueryKind = (typeof queryKinds)[number];

/** Mean recall among the first 10 results in %: by CLIP, by file name, and by chance. */
export interface Recall {
  readonly queries: number;
  readonly clip: number;
  readonly fileNames: number;
  readonly chance: number;
}

export interface SetRetrieval {
  readonly set: string;
  /** Mean average precision in % of text → image, over the names of the set. */
  readonly map: number;
  readonly byKind: Readonly<Record<QueryKind, Recall>>;
}

interface Query {
  readonly text: string;
  /** Indices of the pictures that the query describes. */
  readonly relevant: readonly number[];
}

/** Measures text → image within one set, with the ranking of a search in the index. */
export async function retrieval(texts: Texts, calibration: Calibration, set: EmbeddedSet): Promise<SetRetrieval> {
  const files = set.pictures.map(({ id }) => fileName(id));
  const names = queriesOf(set, () => []);
  const tags = queriesOf(set, ({ tags: words }) => words);
  const synonyms = queriesOf(set, ({ synonyms: words }) => words);
  const isName = new Set(set.names);
  const others = (queries: readonly Query[]) =>
    // A word that describes more pictures than are shown is too general.
    queries.filter(({ text, relevant }) => !isName.has(text) && text.length > 2 && relevant.length <= SHOWN);
  const newWords = (queries: readonly Query[]) =>
    queries.filter(({ text, relevant }) => relevant.every((picture) => !shares(wordsOf(text), files[picture])));
  const [tag, synonym] = [others(tags), others(synonyms)];
  const measure = (queries: readonly Query[]) => recall(texts, calibration, set, files, queries);
  return {
    set: set.name,
    map: await meanAveragePrecision(texts, calibration, set, names),
    byKind: {
      name: await measure(names),
      tag: await measure(tag),
      'tag, new words': await measure(newWords(tag)),
      synonym: await measure(synonym),
      'synonym, new words': await measure(newWords(synonym)),
    },
  };
}

/** One query for each name and each further word, with all pictures that have this word. */
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

function textsOf(queries: readonly Query[]): string[] {
  return queries.map(({ text }) => text);
}

async function meanAveragePrecision(
  texts: Texts,
  calibration: Calibration,
  set: EmbeddedSet,
  queries: readonly Query[],
): Promise<number> {
  const scores = await searchScores(texts, calibration, set.embeddings, textsOf(queries));
  return 100 * mean(queries.map(({ relevant }, i) => averagePrecision(scores[i] ?? [], relevant)));
}

async function recall(
  texts: Texts,
  calibration: Calibration,
  set: EmbeddedSet,
  files: readonly FileName[],
  queries: readonly Query[],
): Promise<Recall> {
  const scores = await searchScores(texts, calibration, set.embeddings, textsOf(queries));
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

/** The recall over all queries of one kind in all sets. */
export function pooled(results: readonly SetRetrieval[], kind: QueryKind): Recall {
  const parts = results.map(({ byKind }) => byKind[kind]).filter(({ queries }) => queries > 0);
  const queries = parts.reduce((sum, part) => sum + part.queries, 0);
  const over = (valueOf: (part: Recall) => number): number =>
    parts.reduce((sum, part) => sum + valueOf(part) * part.queries, 0) / queries;
  return {
    queries,
    clip: over(({ clip }) => clip),
    fileNames: over(({ fileNames }) => fileNames),
    chance: over(({ chance }) => chance),
  };
}
