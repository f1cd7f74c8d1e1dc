import { stat } from 'node:fs/promises';
import type { Library } from './library.ts';
import { number, text } from './rows.ts';
import { inside } from './store.ts';

export interface IndexSize {
  /** On disk, what is not yet merged into the file included. */
  readonly bytes: number;
  /** How many contents each model has embedded, by the model's id. */
  readonly embeddings: Readonly<Record<string, number>>;
}

/** How large the index file is, and what of: embeddings of earlier models stay, so that going back to one is quick. */
export async function measureIndex({ [inside]: { database } }: Library): Promise<IndexSize> {
  const sizes = await Promise.all(
    ['', '-wal'].map((suffix) =>
      stat(database.file + suffix).then(
        ({ size }) => size,
        () => 0, // a log that was merged is gone
      ),
    ),
  );
  const rows = database.all(
    'SELECT m.name AS name, count(e.id) AS count FROM models m LEFT JOIN embeddings e ON e.model = m.id GROUP BY m.id ORDER BY m.name',
  );
  return {
    bytes: sizes.reduce((sum, size) => sum + size, 0),
    embeddings: Object.fromEntries(rows.map((row) => [text(row, 'name'), number(row, 'count')])),
  };
}
