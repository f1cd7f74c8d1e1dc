import { findSimilar, search as searchLibrary, parseQuery, type SearchResult } from '../library/index.ts';
import { percent, print, printCsv, printJson, table } from './output.ts';
import { formatOf, openSession, reportUpdate, type FolderOptions } from './session.ts';

export interface SearchOptions extends FolderOptions {
  readonly top: number;
  readonly threshold?: number;
}

/** `assetlens search`: images that a query describes, best first. */
export async function search(folder: string, query: string, options: SearchOptions): Promise<void> {
  const parsed = parseQuery(query); // first: a mistake in it should not wait for the index
  await using session = await openSession(folder, options);
  const results = await searchLibrary(session.library, parsed, {
    limit: options.top,
    minimum: options.threshold,
    from: process.cwd(),
    signal: options.signal,
  });
  await printResults(results, options, percent);
  reportUpdate(session, options);
}

/** `assetlens similar`: images that look like one image, best first. */
export async function similar(folder: string, image: string, options: SearchOptions): Promise<void> {
  await using session = await openSession(folder, options);
  const results = await findSimilar(session.library, image, {
    limit: options.top,
    from: process.cwd(),
    signal: options.signal,
  });
  await printResults(results, options, (cosine) => cosine.toFixed(3));
  reportUpdate(session, options);
}

async function printResults(
  results: readonly SearchResult[],
  options: SearchOptions,
  shown: (score: number) => string,
): Promise<void> {
  switch (formatOf(options)) {
    case 'json':
      for (const { path, score } of results) await printJson({ path, score: Number(score.toFixed(6)) });
      return;
    case 'csv':
      await printCsv([['path', 'score'], ...results.map(({ path, score }) => [path, Number(score.toFixed(6))])]);
      return;
    case 'table':
      if (results.length === 0) {
        await print('Nothing found.\n');
        return;
      }
      await print(
        table(
          ['score', 'image', 'size'],
          results.map(({ path, score, width, height }) => [shown(score), path, `${width} × ${height}`]),
        ),
      );
  }
}
