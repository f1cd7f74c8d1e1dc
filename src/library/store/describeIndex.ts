import { stat } from 'node:fs/promises';
import type { Library } from '../library.ts';
import { number, text } from './rows.ts';
import { inside } from './store.ts';

/** The size of an index, and the number of embeddings of each model. */
export interface IndexDescription {
  /** Size of its file and of the two files that SQLite keeps beside it while it is open. */
  readonly bytes: number;
  readonly models: readonly {
    /** ModelManifest.id */
    readonly id: string;
    /** Number of images that the model has embedded. */
    readonly images: number;
    /** Number of blobs that the model has embedded; for a while, some may belong to no image. */
    readonly embeddings: number;
  }[];
}

export async function describeIndex({ [inside]: { database } }: Library): Promise<IndexDescription> {
  const models = database
    .all(
      `SELECT m.name AS id, count(*) AS embeddings, coalesce(sum(f.images), 0) AS images
       FROM models m JOIN embeddings e ON e.model = m.id
       LEFT JOIN (SELECT blob, count(*) AS images FROM files GROUP BY blob) f ON f.blob = e.blob
       GROUP BY m.id ORDER BY m.id`,
    )
    .map((row) => ({ id: text(row, 'id'), images: number(row, 'images'), embeddings: number(row, 'embeddings') }));
  const sizes = await Promise.all(['', '-wal', '-shm'].map((suffix) => sizeOf(`${database.file}${suffix}`)));
  return { bytes: sizes.reduce((sum, size) => sum + size, 0), models };
}

/** Returns the size of a file, or 0 if it does not exist: the files beside the index do not always exist. */
function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}
