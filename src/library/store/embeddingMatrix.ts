import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { UserError, type MatrixSource } from '../../clip/index.ts';
import type { Database } from './database.ts';
import { bytes, number, pages } from './rows.ts';
import type { StoredModel } from './store.ts';

/** The embeddings of all blobs that a file refers to, one per row, in the order of blob ids. */
export interface EmbeddingMatrix {
  readonly source: MatrixSource;
  /** [rows] blob id of each row, ascending. */
  readonly blobs: Uint32Array;
  /** Number of blobs and embeddings that were deleted from the index before the matrix was read. */
  readonly deletions: number;
}

/** Rows per chunk: one MB for a model with 512 dimensions, which takes some milliseconds to read. */
const CHUNK_ROWS = 1024;

/**
 * Lists the rows. The inference process reads their vectors from the index when it needs them.
 * @param previous an earlier matrix of the same index: if rows were only added since, the inference process needs only
 * those
 */
export async function readMatrix(
  db: Database,
  model: StoredModel,
  previous: EmbeddingMatrix | undefined,
): Promise<EmbeddingMatrix> {
  const before = deletionsOf(db);
  const ids: number[] = [];
  const list = pages(
    (last: number | undefined, limit) =>
      db
        .all(
          `SELECT e.blob AS id FROM embeddings e JOIN blobs b ON b.id = e.blob
           WHERE e.model = ? AND e.blob > ? AND b.orphaned_at IS NULL ORDER BY e.blob LIMIT ?`,
          ...[model.id, last ?? 0, limit],
        )
        .map((row) => number(row, 'id')),
    5 * 1000,
  );
  for await (const page of list) ids.push(...page);
  const blobs = Uint32Array.from(ids);
  const deletions = deletionsOf(db);
  const grown = previous?.deletions === deletions && previous.blobs.every((id, row) => blobs[row] === id);
  return {
    blobs,
    deletions: before, // if another process deletes rows during the listing, the next matrix gets a new key
    source: {
      // The vector of a blob and a model never changes, so equal blobs are equal rows.
      key: grown ? previous.source.key : randomUUID(),
      rows: blobs.length,
      columns: model.columns,
      chunks: (from) => readChunks(db, model, blobs, from),
    },
  };
}

function deletionsOf(db: Database): number {
  return number(db.get('SELECT deletions FROM library') ?? {}, 'deletions');
}

async function* readChunks(
  db: Database,
  model: StoredModel,
  blobs: Uint32Array,
  from: number,
): AsyncGenerator<Uint16Array> {
  for (let start = from; start < blobs.length; start += CHUNK_ROWS) {
    if (start > from) await nextTurn();
    yield readVectors(db, model, blobs.subarray(start, start + CHUNK_ROWS));
  }
}

/** Reads the embeddings of some blobs, as float16 bit patterns, row by row. */
export function readVectors(db: Database, model: StoredModel, blobs: Uint32Array): Uint16Array {
  const chunk = new Uint16Array(blobs.length * model.columns);
  const target = new Uint8Array(chunk.buffer);
  const rows = db.all(
    'SELECT blob, vector FROM embeddings WHERE model = ? AND blob IN (SELECT value FROM json_each(?)) ORDER BY blob',
    ...[model.id, JSON.stringify([...blobs])],
  );
  if (rows.length < blobs.length) throw new UserError(`The index ${db.file} changed during the operation. Try again.`);
  rows.forEach((row, i) => {
    const vector = bytes(row, 'vector');
    if (vector.length !== model.columns * 2) throw db.damaged('an embedding has the wrong length');
    target.set(vector, i * vector.length);
  });
  return chunk;
}

/** Returns the row of a blob, or -1, by binary search. */
export function rowOf(blobs: Uint32Array, id: number): number {
  let low = 0;
  let high = blobs.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = blobs[middle] ?? 0;
    if (found === id) return middle;
    if (found < id) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
