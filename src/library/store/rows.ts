import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Row } from './database.ts';

/** Reads a column that the schema declares as TEXT. */
export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new TypeError(`${column} is not a text`);
  return value;
}

/** Reads a column that the schema declares as INTEGER or REAL. */
export function number(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw new TypeError(`${column} is not a number`);
  return value;
}

/** Reads a column that the schema declares as BLOB. */
export function bytes(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw new TypeError(`${column} is not a BLOB`);
  return value;
}

/** Rows of a page, at most. */
const PAGE = 1000;
/** Rows of the first page, and of a page at least. */
const LEAST = 64;
/** Milliseconds to read a page. A machine that is busy, or reads from a slow disk, gets smaller pages. */
const MILLISECONDS = 5;

/**
 * Reads a long result in pages and gives other work of the thread a turn between them. Each page starts after the key
 * of the last row of the page before. An offset would read all earlier rows again. The time to read a page determines
 * the size of the next one.
 * @param fetch reads at most `limit` rows that follow `last` in the order of their key
 */
export async function* pages<T>(fetch: (last: T | undefined, limit: number) => T[], most = PAGE): AsyncGenerator<T[]> {
  let last: T | undefined;
  for (let limit = Math.min(LEAST, most); ;) {
    const start = performance.now();
    const page = fetch(last, limit);
    const elapsed = performance.now() - start;
    if (page.length > 0) yield page;
    if (page.length < limit) return;
    last = page.at(-1);
    if (elapsed > MILLISECONDS) limit = Math.min(most, Math.max(LEAST, limit >> 1));
    else if (elapsed < MILLISECONDS / 3) limit = Math.min(most, 2 * limit);
    await nextTurn();
  }
}
