import type { Database } from './database.ts';
import { number, pages } from './rows.ts';

/**
 * Returns a function that counts the files of each blob, by blob id. It counts again only when a process has changed
 * files.
 */
export function createFileCounts(database: Database): () => Promise<ReadonlyMap<number, number>> {
  let last: { readonly changes: number; readonly counts: Promise<ReadonlyMap<number, number>> } | undefined;
  return () => {
    // Read before the counts, so that a change during the count causes the next call to count again.
    const changes = number(database.get('SELECT file_changes FROM library') ?? {}, 'file_changes');
    if (last?.changes === changes) return last.counts;
    const read = { changes, counts: readFileCounts(database) };
    read.counts.catch(() => {
      if (last === read) last = undefined;
    });
    last = read;
    return read.counts;
  };
}

async function readFileCounts(database: Database): Promise<ReadonlyMap<number, number>> {
  const counts = new Map<number, number>();
  const rows = pages((last: readonly [number, number] | undefined, limit) =>
    database
      .all(
        'SELECT blob, count(*) AS files FROM files WHERE blob > ? GROUP BY blob ORDER BY blob LIMIT ?',
        ...[last?.[0] ?? 0, limit],
      )
      .map((row) => [number(row, 'blob'), number(row, 'files')] as const),
  );
  for await (const page of rows) for (const [blob, files] of page) counts.set(blob, files);
  return counts;
}
