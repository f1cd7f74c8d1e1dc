import { stat } from 'node:fs/promises';
import type { Library } from '../library.ts';
import { number, text } from './rows.ts';
import { inside } from './store.ts';

/** What an index takes and holds, whichever models it was made with. */
export interface IndexDescription {
  /** Of its file, and of the two that SQLite keeps beside it while it is open. */
  readonly bytes: number;
  readonly models: readonly {
    /** ModelManifest.id */
    readonly id: string;
    /** Images of the index that the model has an embedding of. */
    readonly images: number;
    /** Of contents; some may have no image any more, for a while. */
    readonly embeddings: number;
  }[];
}

export async function describeIndex({ [inside]: { database } }: Library): Promise<IndexDescription> {
  const models = database
    .all(
      `SELECT m.name AS id, count(*) AS embeddings, coalesce(sum(f.images), 0) AS images
       FROM models m JOIN embeddings e ON e.model = m.id
       LEFT JOIN (SELECT content, count(*) AS images FROM files GROUP BY content) f ON f.content = e.content
       GROUP BY m.id ORDER BY m.id`,
    )
    .map((row) => ({ id: text(row, 'id'), images: number(row, 'images'), embeddings: number(row, 'embeddings') }));
  const sizes = await Promise.all(['', '-wal', '-shm'].map((suffix) => sizeOf(`${database.file}${suffix}`)));
  return { bytes: sizes.reduce((sum, size) => sum + size, 0), models };
}

/** The files beside the index are not always there. */
function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}
