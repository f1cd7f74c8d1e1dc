import type { Library } from '../library.ts';
import { number, text } from '../store/rows.ts';
import { inside } from '../store/store.ts';

export interface ModelCoverage {
  /** Images of the index. */
  readonly files: number;
  /** Those that the library's model has not looked at: it has neither an embedding nor a failure of them. */
  readonly unseen: number;
}

/** How much of the index the library's model has looked at: less than all, when another model was used for it before. */
export function modelCoverage({ [inside]: { database, model } }: Library): ModelCoverage {
  const row = database.get(
    `SELECT count(*) AS files, coalesce(sum(
       NOT EXISTS (SELECT 1 FROM embeddings e WHERE e.content = f.content AND e.model = ?)
       AND NOT EXISTS (SELECT 1 FROM failures x WHERE x.model = ? AND x.path = f.path)
     ), 0) AS unseen FROM files f`,
    ...[model.id, model.id],
  );
  if (!row) throw new Error('a query of counts has no row');
  return { files: number(row, 'files'), unseen: number(row, 'unseen') };
}

/** The ids (ModelManifest.id) of all models that the index holds embeddings of. */
export function embeddedModels({ [inside]: { database } }: Library): string[] {
  return database
    .all('SELECT name FROM models m WHERE EXISTS (SELECT 1 FROM embeddings e WHERE e.model = m.id) ORDER BY m.id')
    .map((row) => text(row, 'name'));
}
