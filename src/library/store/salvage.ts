import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { knownSchemas } from './migrations.ts';
import { openSqlite } from './openSqlite.ts';
import { schemaOf } from './ownSchema.ts';
import { resultCode } from './sqliteErrors.ts';

/** Names of the table of manual tags, in the current schema and in earlier ones. */
const TABLES = ['manual_tags', 'hand_tags'];

/** A row has at least a hash of 64 characters. */
const LEAST_ROW_BYTES = 64;

/** A row of the table of manual tags. */
export type ManualTagRow = readonly [hash: string, label: string, holds: number, givenAt: number];

export interface SalvagedTags {
  readonly rows: readonly ManualTagRow[];
  /** Whether all rows of the table could be read. */
  readonly complete: boolean;
}

/**
 * Reads the manual tags that SQLite can still read from a damaged index. Only they cannot be computed again from the
 * images.
 */
export function salvageManualTags(damaged: string): SalvagedTags {
  const rows = new Map<string, ManualTagRow>();
  // Read from both ends: up to the first unreadable page, and from the last one on.
  const complete = readRows(damaged, 'ASC', rows);
  if (!complete) readRows(damaged, 'DESC', rows);
  return { rows: [...rows.values()], complete };
}

/** @returns whether it reached the end of the table */
function readRows(file: string, order: 'ASC' | 'DESC', rows: Map<string, ManualTagRow>): boolean {
  let connection: DatabaseSync | undefined;
  try {
    connection = openSqlite(file, { readOnly: true, defensive: false });
    connection.exec('PRAGMA writable_schema = ON'); // lets SQLite read a file that was cut short
    // A view or an expression in the schema of a stranger could run for ever.
    const known = knownSchemas();
    for (const entry of schemaOf(connection)) if (!known.has(entry)) return false;
    const schema = connection.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?');
    const table = TABLES.find((name) => schema.get(name));
    if (table === undefined) return true; // the first versions had no manual tags
    const sql = `SELECT hash, label, holds, given_at FROM ${table} ORDER BY hash ${order}, label ${order}`;
    // Damaged pages can refer to each other in circles.
    let remaining = Math.ceil((sizeOf(file) + sizeOf(`${file}-wal`)) / LEAST_ROW_BYTES);
    for (const { hash, label, holds, given_at: givenAt } of connection.prepare(sql).iterate()) {
      if (remaining-- <= 0) return false;
      if (typeof hash !== 'string' || typeof label !== 'string' || !/^[0-9a-f]{64}$/.test(hash)) continue;
      if (typeof givenAt !== 'number' || (holds !== 0 && holds !== 1)) continue;
      rows.set(`${hash} ${label}`, [hash, label, holds, givenAt]);
    }
    return true;
  } catch (error) {
    if (resultCode(error) === undefined) throw error;
    return false;
  } finally {
    connection?.close();
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
