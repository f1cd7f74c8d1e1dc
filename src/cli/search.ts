import { csvPath } from '../base/csv.ts';
import { percent } from '../base/format.ts';
import type { Label } from '../clip/index.ts';
import {
  findSimilar,
  parseQuery,
  readLabels,
  search as searchLibrary,
  unknownWords,
  type Query,
  type SearchResult,
} from '../library/index.ts';
import { print, printCsv, printJson, report } from './output.ts';
import { resultTable, unknownWordReport } from './searchTable.ts';
import { formatOf, openSession, reportUpdate, type FolderOptions, type Session } from './session.ts';

export interface SearchOptions extends FolderOptions {
  readonly top: number;
  readonly threshold?: number;
  /** Whether the table also lists all results that do not stand out. */
  readonly all?: boolean;
  /** Whether the words are compared with names, too. */
  readonly names?: boolean;
  /** File of labels whose synonyms count in names. Default: the default labels. */
  readonly labels?: string;
  /** Whether copies and other sizes of a picture are listed under it. */
  readonly stack: boolean;
}

/** `assetlens search`: lists the images that match a query, best first. */
export async function search(
  folder: string,
  query: string,
  options: SearchOptions & { readonly labelsFile: string },
): Promise<void> {
  const parsed = parseQuery(query); // before the update of the index, so that mistakes are reported immediately
  const labels = (await readLabels(options.labels ?? options.labelsFile)).sets.flatMap((set) => set.labels);
  await using session = await openSession(folder, options);
  const results = await searchLibrary(session.library, parsed, {
    limit: options.top,
    minimum: options.threshold,
    names: options.names,
    labels,
    stack: options.stack,
    where: session.where,
    from: process.cwd(),
    signal: options.signal,
  });
  await printResults(results, options, percent);
  await reportUnknownWords(session, parsed, results, { labels, signal: options.signal });
  reportUpdate(session, options);
}

/** `assetlens similar`: lists the images that look like an image, best first. */
export async function similar(folder: string, image: string, options: SearchOptions): Promise<void> {
  await using session = await openSession(folder, options);
  const results = await findSimilar(session.library, image, {
    limit: options.top,
    stack: options.stack,
    where: session.where,
    from: process.cwd(),
    signal: options.signal,
  });
  await printResults(results, options, (cosine) => cosine.toFixed(3));
  reportUpdate(session, options);
}

/** Hints at words that the model may not know, on standard error. */
async function reportUnknownWords(
  { library }: Session,
  query: Query,
  results: readonly SearchResult[],
  { labels, signal }: { readonly labels: readonly Label[]; readonly signal: AbortSignal },
): Promise<void> {
  const names = labels.flatMap(({ name, synonyms = [] }) => [name, ...synonyms]);
  const hasLikely = results.some(({ likely }) => likely);
  for (const word of await unknownWords(library, query, { hasLikely, labels: names, signal })) {
    report(unknownWordReport(word));
  }
}

/** @param format formats a score for the table */
async function printResults(
  results: readonly SearchResult[],
  options: SearchOptions,
  format: (score: number) => string,
): Promise<void> {
  const rounded = (score: number): number => Number(score.toFixed(6));
  switch (formatOf(options)) {
    case 'json':
      for (const { path, score, likely, basis, copies } of results) {
        await printJson({ path, score: rounded(score), likely, basis, copies });
      }
      return;
    case 'csv':
      await printCsv([
        ['path', 'score', 'likely', 'basis', 'copies'],
        ...results.map(({ path, score, likely, basis, copies }) => {
          return [csvPath(path), rounded(score), String(likely), basis, copies.length];
        }),
      ]);
      return;
    case 'table':
      await print(resultTable(results, { all: options.all === true || options.threshold !== undefined, format }));
  }
}
