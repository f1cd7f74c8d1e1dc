import { csvPath } from '../base/csv.ts';
import { percent } from '../base/format.ts';
import { findSimilar, parseQuery, search as searchLibrary, type SearchResult } from '../library/index.ts';
import { print, printCsv, printJson, table } from './output.ts';
import { formatOf, openSession, reportUpdate, type FolderOptions } from './session.ts';
import { text } from './text.ts';

export interface SearchOptions extends FolderOptions {
  readonly top: number;
  readonly threshold?: number;
}

/** `assetlens search`: lists the images that match a query, best first. */
export async function search(folder: string, query: string, options: SearchOptions): Promise<void> {
  const parsed = parseQuery(query); // before the update of the index, so that mistakes are reported immediately
  await using session = await openSession(folder, options);
  const results = await searchLibrary(session.library, parsed, {
    limit: options.top,
    minimum: options.threshold,
    where: session.where,
    from: process.cwd(),
    signal: options.signal,
  });
  await printResults(results, options, percent);
  reportUpdate(session, options);
}

/** `assetlens similar`: lists the images that look like an image, best first. */
export async function similar(folder: string, image: string, options: SearchOptions): Promise<void> {
  await using session = await openSession(folder, options);
  const results = await findSimilar(session.library, image, {
    limit: options.top,
    where: session.where,
    from: process.cwd(),
    signal: options.signal,
  });
  await printResults(results, options, (cosine) => cosine.toFixed(3));
  reportUpdate(session, options);
}

/** @param format formats a score for the table */
async function printResults(
  results: readonly SearchResult[],
  options: SearchOptions,
  format: (score: number) => string,
): Promise<void> {
  switch (formatOf(options)) {
    case 'json':
      for (const { path, score } of results) await printJson({ path, score: Number(score.toFixed(6)) });
      return;
    case 'csv':
      await printCsv([
        ['path', 'score'],
        ...results.map(({ path, score }) => [csvPath(path), Number(score.toFixed(6))]),
      ]);
      return;
    case 'table':
      if (results.length === 0) {
        await print(text`No results.\n`);
        return;
      }
      await print(
        table(
          ['score', 'image', 'size'],
          results.map(({ path, score, width, height }) => [format(score), path, `${width} × ${height}`]),
        ),
      );
  }
}
