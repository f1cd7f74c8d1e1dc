import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { UserError, type MatrixSource } from '../../clip/index.ts';
import type { Database } from './database.ts';
import { bytes, number, pages } from './rows.ts';
import type { StoredModel } from './store.ts';

/** The embeddings of all contents that a file points at, one a row, in the order of content ids. */
export interface EmbeddingMatrix {
  readonly source: MatrixSource;
  /** [rows] content id of each row, ascending. */
  readonly contents: Uint32Array;
  /** How many contents and embeddings had been deleted from the index before. */
  readonly deletions: number;
}

/** Rows a chunk: a megabyte of a 512-dimensional model, some milliseconds of reading. */
const CHUNK_ROWS = 1024;

/**
 * Lists the rows; their vectors stay in the index until the inference process asks for them.
 * @param previous an earlier listing of the same index: where rows were only added since, the inference process needs only those
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
          `SELECT e.content AS id FROM embeddings e JOIN contents c ON c.id = e.content
           WHERE e.model = ? AND e.content > ? AND c.orphaned_at IS NULL ORDER BY e.content LIMIT ?`,
          ...[model.id, last ?? 0, limit],
        )
        .map((row) => number(row, 'id')),
    5 * 1000,
  );
  for await (const page of list) ids.push(...page);
  const contents = Uint32Array.from(ids);
  const deletions = deletionsOf(db);
  const grown = previous?.deletions === deletions && previous.contents.every((id, row) => contents[row] === id);
  return {
    contents,
    deletions: before, // of another process while we listed: the next listing has a key of its own
    source: {
      // The vector of a content and a model never changes, so the same contents are the same rows.
      key: grown ? previous.source.key : randomUUID(),
      rows: contents.length,
      columns: model.columns,
      chunks: (from) => readChunks(db, model, contents, from),
    },
  };
}

function deletionsOf(db: Database): number {
  return number(db.get('SELECT deletions FROM library') ?? {}, 'deletions');
}

async function* readChunks(
  db: Database,
  model: StoredModel,
  contents: Uint32Array,
  from: number,
): AsyncGenerator<Uint16Array> {
  for (let start = from; start < contents.length; start += CHUNK_ROWS) {
    if (start > from) await nextTurn();
    yield readVectors(db, model, contents.subarray(start, start + CHUNK_ROWS));
  }
}

/** Embeddings of some contents, as float16 bit patterns, row by row. */
export function readVectors(db: Database, model: StoredModel, contents: Uint32Array): Uint16Array {
  const chunk = new Uint16Array(contents.length * model.columns);
  const target = new Uint8Array(chunk.buffer);
  const rows = db.all(
    'SELECT content, vector FROM embeddings WHERE model = ? AND content IN (SELECT value FROM json_each(?)) ORDER BY content',
    ...[model.id, JSON.stringify([...contents])],
  );
  if (rows.length < contents.length) throw new UserError(`The index ${db.file} was cleared meanwhile. Try again.`);
  rows.forEach((row, i) => {
    const vector = bytes(row, 'vector');
    if (vector.length !== model.columns * 2) throw db.damaged('an embedding has the wrong length');
    target.set(vector, i * vector.length);
  });
  return chunk;
}

/** The row of a content, or -1. Binary search. */
export function rowOf(contents: Uint32Array, id: number): number {
  let low = 0;
  let high = contents.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = contents[middle] ?? 0;
    if (found === id) return middle;
    if (found < id) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
