import { createHash } from 'node:crypto';
import { ensemble, promptsOf, type Label } from '../../clip/index.ts';
import type { Library } from '../library.ts';
import { bytes, number } from '../store/rows.ts';
import { inside } from '../store/store.ts';

/** Prompts encoded in one request, after which what is there so far is kept. */
const PROMPTS = 128;
/** A vector's last use is noted once a day: searching should not write to the index each time. */
const DAY = 24 * 60 * 60;

/**
 * The embedding of each label: the mean over its prompts. It is kept in the index by model and prompts, so the text encoder
 * runs once for each; a label's threshold plays no part in it.
 * @returns [labels] of unit vectors [D]
 */
export async function labelVectors(
  library: Library,
  labels: readonly Label[],
  templates: readonly string[],
  signal?: AbortSignal,
): Promise<Float32Array[]> {
  const { database, model } = library[inside];
  const prompts = labels.map((label) => promptsOf(label, templates));
  const keys = prompts.map((list) => createHash('sha256').update(JSON.stringify(list)).digest('hex'));
  const vectors = new Map<string, Float32Array>();
  const used: string[] = [];
  for (const key of keys) {
    const row = database.get(
      'SELECT vector, used_at FROM text_vectors WHERE model = ? AND key = ?',
      ...[model.id, key],
    );
    if (!row) continue;
    vectors.set(key, new Float32Array(bytes(row, 'vector').slice().buffer));
    if (number(row, 'used_at') < Date.now() / 1000 - DAY) used.push(key);
  }
  const missing = new Map(keys.map((key, i) => [key, prompts[i] ?? []]));
  for (const key of vectors.keys()) missing.delete(key);

  for (const group of groupsOf([...missing], PROMPTS)) {
    signal?.throwIfAborted();
    const encoded = await promptVectors(
      library,
      group.map(([, list]) => list),
      signal,
    );
    const made = group.map(([key], i) => ({ key, vector: encoded[i] ?? new Float32Array(model.columns) }));
    await database.cache(
      made.map(({ key, vector }) => [
        'INSERT INTO text_vectors (model, key, vector) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
        ...[model.id, key, new Uint8Array(Float32Array.from(vector).buffer)],
      ]),
    );
    for (const { key, vector } of made) vectors.set(key, vector);
  }
  if (used.length > 0) {
    await database.cache(
      used.map((key) => [
        'UPDATE text_vectors SET used_at = unixepoch() WHERE model = ? AND key = ?',
        ...[model.id, key],
      ]),
    );
  }
  return keys.map((key) => vectors.get(key) ?? new Float32Array(model.columns));
}

/**
 * Each list of prompts as one unit vector [D], made now and not kept: what is typed into a search box is rarely typed again.
 */
export async function promptVectors(
  library: Library,
  prompts: readonly (readonly string[])[],
  signal?: AbortSignal,
): Promise<Float32Array[]> {
  const { columns } = library[inside].model;
  const rows = await library.inference.embedTexts(prompts.flat(), signal);
  let row = 0;
  return prompts.map(({ length }) => ensemble(rows.subarray(row * columns, (row += length) * columns), columns));
}

/** Groups of labels with about `size` prompts, none split. */
function groupsOf(
  labels: readonly (readonly [string, readonly string[]])[],
  size: number,
): (readonly [string, readonly string[]])[][] {
  const groups: (readonly [string, readonly string[]])[][] = [];
  let room = 0;
  for (const label of labels) {
    if (room <= 0) {
      groups.push([]);
      room = size;
    }
    groups.at(-1)?.push(label);
    room -= label[1].length;
  }
  return groups;
}
