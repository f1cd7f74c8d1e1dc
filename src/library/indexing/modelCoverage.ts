import type { Library } from '../library.ts';
import { number, text } from '../store/rows.ts';
import { inside } from '../store/store.ts';

export interface ModelCoverage {
  /** Number of images in the index. */
  readonly files: number;
  /** Number of images for which the library's model has neither an embedding nor a failure. */
  readonly unseen: number;
}

/** Counts the images that the library's model has not embedded yet, for example after a switch of models. */
export function modelCoverage({ [inside]: { database, model } }: Library): ModelCoverage {
  const row = database.get(
    `SELECT count(*) AS files, coalesce(sum(
       NOT EXISTS (SELECT 1 FROM embeddings e WHERE e.blob = f.blob AND e.model = ?)
       AND NOT EXISTS (SELECT 1 FROM failures x WHERE x.model = ? AND x.path = f.path)
     ), 0) AS unseen FROM files f`,
    ...[model.id, model.id],
  );
  if (!row) throw new Error('a query of counts returned no row');
  return { files: number(row, 'files'), unseen: number(row, 'unseen') };
}

/** Lists the ids (ModelManifest.id) of the models that the index contains embeddings of. */
export function embeddedModels({ [inside]: { database } }: Library): string[] {
  return database
    .all('SELECT name FROM models m WHERE EXISTS (SELECT 1 FROM embeddings e WHERE e.model = m.id) ORDER BY m.id')
    .map((row) => text(row, 'name'));
}
