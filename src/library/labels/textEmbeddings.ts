import { createHash } from 'node:crypto';
import { ensemble } from '../../clip/index.ts';
import type { Library } from '../library.ts';
import { bytes, number } from '../store/rows.ts';
import { inside } from '../store/store.ts';

/** Number of prompts that one request encodes. The embeddings are stored after each request. */
const PROMPTS = 128;
/** Seconds between two updates of the time of last use: a search should not write to the index each time. */
const DAY = 24 * 60 * 60;

/**
 * Embeds each list of prompts as the mean of the prompts' embeddings (prompt ensembling). The index stores the result
 * by model and prompts, so the text encoder runs once for each list.
 * @returns unit vectors, [lists] of [D]
 */
export async function storedTextEmbeddings(
  library: Library,
  prompts: readonly (readonly string[])[],
  signal?: AbortSignal,
): Promise<Float32Array[]> {
  const { database, model } = library[inside];
  const keys = prompts.map((list) => createHash('sha256').update(JSON.stringify(list)).digest('hex'));
  const embeddings = new Map<string, Float32Array>();
  const used: string[] = [];
  for (const key of keys) {
    const row = database.get(
      'SELECT vector, used_at FROM text_vectors WHERE model = ? AND key = ?',
      ...[model.id, key],
    );
    if (!row) continue;
    embeddings.set(key, new Float32Array(bytes(row, 'vector').slice().buffer));
    if (number(row, 'used_at') < Date.now() / 1000 - DAY) used.push(key);
  }
  const missing = new Map(keys.map((key, i) => [key, prompts[i] ?? []]));
  for (const key of embeddings.keys()) missing.delete(key);

  for (const batch of batchesOf([...missing], PROMPTS)) {
    signal?.throwIfAborted();
    const encoded = await embedPrompts(
      library,
      batch.map(([, list]) => list),
      signal,
    );
    const added = batch.map(([key], i) => ({ key, embedding: encoded[i] ?? new Float32Array(model.columns) }));
    await database.cache(
      added.map(({ key, embedding }) => [
        'INSERT INTO text_vectors (model, key, vector) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
        ...[model.id, key, new Uint8Array(Float32Array.from(embedding).buffer)],
      ]),
    );
    for (const { key, embedding } of added) embeddings.set(key, embedding);
  }
  if (used.length > 0) {
    await database.cache(
      used.map((key) => [
        'UPDATE text_vectors SET used_at = unixepoch() WHERE model = ? AND key = ?',
        ...[model.id, key],
      ]),
    );
  }
  return keys.map((key) => embeddings.get(key) ?? new Float32Array(model.columns));
}

/**
 * Embeds each list of prompts and stores nothing: users rarely type the same query or unfinished label twice.
 * @returns unit vectors, [lists] of [D]
 */
export async function embedPrompts(
  library: Library,
  prompts: readonly (readonly string[])[],
  signal?: AbortSignal,
): Promise<Float32Array[]> {
  const { columns } = library[inside].model;
  const rows = await library.inference.embedTexts(prompts.flat(), signal);
  let row = 0;
  return prompts.map(({ length }) => ensemble(rows.subarray(row * columns, (row += length) * columns), columns));
}

/** Splits lists of prompts into batches of about `size` prompts. A list is never split. */
function batchesOf<Entry extends readonly [string, readonly string[]]>(
  entries: readonly Entry[],
  size: number,
): Entry[][] {
  const batches: Entry[][] = [];
  let remaining = 0;
  for (const entry of entries) {
    if (remaining <= 0) {
      batches.push([]);
      remaining = size;
    }
    batches.at(-1)?.push(entry);
    remaining -= entry[1].length;
  }
  return batches;
}
